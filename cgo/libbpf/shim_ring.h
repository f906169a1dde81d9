/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Ring buffers and perf buffers. */
#ifndef BPFSKEL_SHIM_RING_H
#define BPFSKEL_SHIM_RING_H

#include "shim.h"

int bpfskel_map_info(int fd, struct bpf_map_info *info);

#endif
