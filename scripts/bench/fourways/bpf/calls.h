/* SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause */
#ifndef CALLS_H
#define CALLS_H

struct event {
	__u32 number; /* of the call, from 1 */
	__s32 error;
};

#endif
