package main

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/bpfskel/bpfskel/cgo/guard"
	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

func vmlinuxCommand() *cli.Command {
	return &cli.Command{
		Name:      "vmlinux",
		Usage:     "print vmlinux.h: every type of a kernel, as C",
		UsageText: "skelgen vmlinux [BTF]",
		Description: `BTF is a file of raw BTF, or an ELF file that has a .BTF section. Without one the
running kernel's BTF is read. The kernel functions that programs may call are
declared at the end, unless BPF_NO_KFUNC_PROTOTYPES is defined.

EXAMPLE:
   build/bin/skelgen vmlinux > build/vmlinux.h`,
		Action: func(c *cli.Context) error {
			args := c.Args().Slice()
			if len(args) > 1 {
				return usageError(c, fmt.Errorf("unexpected argument %q: pass one BTF file", args[1]), true)
			}
			path := c.Args().First()
			what := path
			if path == "" {
				what = "the running kernel's BTF"
			}
			var out []byte
			var err error
			guard.Call("skelgen: "+what, 6*readLimit, func() { out, err = vmlinux(path) })
			if err != nil {
				return withPath(what, err)
			}
			_, err = c.App.Writer.Write(out)
			return err
		},
	}
}

const (
	vmlinuxHead = `#ifndef __VMLINUX_H__
#define __VMLINUX_H__

#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
#endif

#ifndef __ksym
#define __ksym __attribute__((section(".ksyms")))
#endif
#ifndef __weak
#define __weak __attribute__((weak))
#endif
#ifndef __bpf_fastcall
#if __has_attribute(bpf_fastcall)
#define __bpf_fastcall __attribute__((bpf_fastcall))
#else
#define __bpf_fastcall
#endif
#endif

`
	vmlinuxTail = `
#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute pop
#endif

#endif /* __VMLINUX_H__ */
`
)

// vmlinux prints every type of a BTF in the order of their ids, each after the
// types that it needs.
func vmlinux(path string) ([]byte, error) {
	btf, err := openBTF(path)
	if err != nil {
		return nil, err
	}
	defer btf.Close()
	dump, err := btf.NewDump()
	if err != nil {
		return nil, err
	}
	defer dump.Close()
	var b bytes.Buffer
	b.WriteString(vmlinuxHead)
	for id := 1; id < btf.Len(); id++ {
		text, err := dump.Type(uint32(id))
		if err != nil {
			return nil, fmt.Errorf("type %d: %w", id, err)
		}
		b.WriteString(text)
	}
	if err := kfuncs(&b, btf, dump); err != nil {
		return nil, err
	}
	b.WriteString(vmlinuxTail)
	return b.Bytes(), nil
}

// kfuncs declares the kernel functions that programs may call, in the order of
// their marks in the BTF. They are weak, so that a program can ask whether the
// running kernel has one.
func kfuncs(b *bytes.Buffer, btf *libbpf.BTF, dump *libbpf.Dump) error {
	var functions []uint32
	fast := map[uint32]bool{}
	for id := 1; id < btf.Len(); id++ {
		tag, err := btf.Type(uint32(id))
		if err != nil {
			return fmt.Errorf("type %d: %w", id, err)
		}
		if tag.Kind != uint32(model.KindDeclTag) || tag.Component != -1 {
			continue
		}
		switch tag.Name {
		case "bpf_kfunc":
			functions = append(functions, tag.Elem)
		case "bpf_fastcall":
			fast[tag.Elem] = true
		}
	}
	b.WriteString("\n/* BPF kfuncs */\n#ifndef BPF_NO_KFUNC_PROTOTYPES\n")
	for _, id := range functions {
		f, err := btf.Type(id)
		if err != nil {
			return fmt.Errorf("type %d: %w", id, err)
		}
		if f.Kind != uint32(model.KindFunc) {
			continue
		}
		decl, err := dump.Decl(f.Elem, f.Name, 0, false)
		if err != nil {
			return fmt.Errorf("function %s: %w", f.Name, err)
		}
		attribute := ""
		if fast[id] {
			attribute = "__bpf_fastcall "
		}
		fmt.Fprintf(b, "extern %s%s __weak __ksym;\n", attribute, decl)
	}
	b.WriteString("#endif\n")
	return nil
}

func openBTF(path string) (*libbpf.BTF, error) {
	if path != "" {
		return libbpf.LoadBTF(path)
	}
	btf, err := libbpf.KernelBTF()
	if err != nil {
		return nil, errors.Join(err, errors.New("only a kernel built with CONFIG_DEBUG_INFO_BTF has BTF, in /sys/kernel/btf/vmlinux"))
	}
	return btf, nil
}
