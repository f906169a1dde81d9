// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// One program of every type. None is loaded unless a test asks for it; each counts how often it ran.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#if defined(__TARGET_ARCH_arm64)
#define SYSCALL(name) "__arm64_sys_" name
#else
#define SYSCALL(name) "__x64_sys_" name
#endif

char LICENSE[] SEC("license") = "Dual BSD/GPL";

__u64 fired = 0;

/* PROG(section, name, returned): a program that counts and returns. */
#define PROG(section, name, returned)                \
	SEC(section) int name(void *ctx)             \
	{                                            \
		__sync_fetch_and_add(&fired, 1);     \
		return returned;                     \
	}

PROG("?kprobe/vfs_open", on_kprobe, 0)
PROG("?kretprobe/vfs_open", on_kretprobe, 0)
PROG("?ksyscall/getppid", on_ksyscall, 0)
PROG("?kprobe.multi/vfs_open*", on_kprobe_multi, 0)
PROG("?uprobe//proc/self/exe:bpf_object__open_skeleton", on_uprobe, 0)
PROG("?uretprobe//proc/self/exe:bpf_object__open_skeleton", on_uretprobe, 0)
PROG("?uprobe.multi//proc/self/exe:bpf_object__open_skeleton", on_uprobe_multi, 0)
PROG("?tp/raw_syscalls/sys_enter", on_tp, 0)
PROG("?raw_tp/sys_enter", on_raw_tp, 0)
PROG("?tp_btf/sys_enter", on_tp_btf, 0)
PROG("?fentry/vfs_open", on_fentry, 0)
PROG("?fexit/vfs_open", on_fexit, 0)
PROG("?fmod_ret/security_file_open", on_fmod_ret, 0)
PROG("?fentry.s/" SYSCALL("getpgid"), on_fentry_sleepable, 0)
PROG("?lsm/file_open", on_lsm, 0)
PROG("?lsm.s/file_open", on_lsm_sleepable, 0)
PROG("?lsm_cgroup/socket_create", on_lsm_cgroup, 1)
PROG("?iter/task", on_iter, 0)
PROG("?perf_event", on_perf_event, 0)
PROG("?socket", on_socket, 0)
PROG("?xdp", on_xdp, XDP_PASS)
PROG("?tc", on_tc, 0)
PROG("?tcx/ingress", on_tcx, -1)
PROG("?cgroup_skb/egress", on_cgroup_skb, 1)
PROG("?cgroup/connect4", on_cgroup_connect, 1)
PROG("?cgroup/sock_create", on_cgroup_sock, 1)
PROG("?sockops", on_sockops, 1)
PROG("?sk_lookup", on_sk_lookup, SK_PASS)
PROG("?netfilter", on_netfilter, 1)
PROG("?syscall", on_syscall, 7)
