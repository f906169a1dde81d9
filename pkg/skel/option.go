package skel

import (
	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// OpenOption changes how a skeleton's Open reads its object.
type OpenOption func(*backend.OpenOptions)

// stringOption is an option whose text must not contain a NUL, which would end it in C.
func stringOption(text string, set OpenOption) OpenOption {
	return func(o *backend.OpenOptions) {
		set(o)
		if err := checkNoNUL(text); err != nil {
			o.Err = err
		}
	}
}

// WithKernelBTF takes the types of the running kernel from the file at path
// instead of /sys/kernel/btf/vmlinux, for CO-RE relocations only
// (bpf_object_open_opts.btf_custom_path).
func WithKernelBTF(path string) OpenOption {
	return stringOption(path, func(o *backend.OpenOptions) { o.KernelBTF = path })
}

// WithKconfig adds lines such as "CONFIG_HZ=1000" that override what libbpf
// finds in the kernel's configuration (bpf_object_open_opts.kconfig).
func WithKconfig(lines string) OpenOption {
	return stringOption(lines, func(o *backend.OpenOptions) { o.Kconfig = lines })
}

// WithPinRoot is the folder of a BPF file system in which maps that are declared
// with LIBBPF_PIN_BY_NAME are pinned, by default /sys/fs/bpf
// (bpf_object_open_opts.pin_root_path).
func WithPinRoot(dir string) OpenOption {
	return stringOption(dir, func(o *backend.OpenOptions) { o.PinRoot = dir })
}

// WithToken takes a BPF token from the BPF file system at path, for a process without
// capabilities; "" disables the attempt that libbpf makes by default
// (bpf_object_open_opts.bpf_token_path).
func WithToken(path string) OpenOption {
	return stringOption(path, func(o *backend.OpenOptions) { o.TokenPath = &path })
}

// WithKernelLog sets the level of the kernel's log of every load, and a buffer of size
// bytes for it; each load overwrites it. With size 0 libbpf allocates buffers, which
// grow, and only these always hold the whole log of a failure
// (bpf_object_open_opts.kernel_log_level, kernel_log_size).
func WithKernelLog(level uapi.LogLevel, size int) OpenOption {
	return func(o *backend.OpenOptions) {
		o.LogLevel, o.LogSize = level, size
		if err := checkRange("the size of the kernel's log", size, 0, maxLogSize); err != nil {
			o.Err = err
		}
	}
}

// WithRelaxedMaps accepts attributes of map definitions that libbpf does not
// know (bpf_object_open_opts.relaxed_maps).
func WithRelaxedMaps() OpenOption {
	return func(o *backend.OpenOptions) { o.RelaxedMaps = true }
}
