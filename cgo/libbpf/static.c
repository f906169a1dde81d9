// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
//
// Functions that some distributions' libelf.a calls but does not contain. Static links
// need them; these are weak, so the real ones win if they exist.

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#define WEAK __attribute__((weak))

// Debian 13's libelf.a (elfutils 0.192) calls these two of libeu.a, which no package
// contains. They maintain the index of libdw's DIEs, which libbpf never makes.
WEAK void eu_search_tree_init(void *tree);
WEAK void eu_search_tree_fini(void *tree, void (*free_node)(void *));

void eu_search_tree_init(void *tree) {}
void eu_search_tree_fini(void *tree, void (*free_node)(void *)) {}

// A libelf.a that was compiled for glibc with _FORTIFY_SOURCE, linked with another C
// library (musl). size is the size of the buffer, according to the caller.
#ifndef __GLIBC__
WEAK int __vsnprintf_chk(char *buf, size_t len, int flag, size_t size, const char *format, va_list args);
WEAK int __snprintf_chk(char *buf, size_t len, int flag, size_t size, const char *format, ...);

int __vsnprintf_chk(char *buf, size_t len, int flag, size_t size, const char *format, va_list args) {
	if (len > size)
		__builtin_trap();
	return vsnprintf(buf, len, format, args);
}

int __snprintf_chk(char *buf, size_t len, int flag, size_t size, const char *format, ...) {
	va_list args;
	va_start(args, format);
	int n = __vsnprintf_chk(buf, len, flag, size, format, args);
	va_end(args);
	return n;
}
#endif
