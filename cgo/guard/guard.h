/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
#ifndef BPFSKEL_GUARD_H
#define BPFSKEL_GUARD_H

#include <stdint.h>

/* Between enter and leave the process is in dangerous code: a crash there, or
 * more than limit seconds of CPU time, ends it at once, and its guard says so in
 * one line that begins with what. */
void bpfskel_guard_enter(const char *what, unsigned int limit);
void bpfskel_guard_leave(void);

#endif
