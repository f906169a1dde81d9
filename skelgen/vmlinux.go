package main

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/bpfskel/bpfskel/cgo/guard"
	"github.com/bpfskel/bpfskel/cgo/libbpf"
)

func vmlinuxCommand() *cli.Command {
	return &cli.Command{
		Name:      "vmlinux",
		Usage:     "print vmlinux.h: every type of a kernel, as C",
		UsageText: "skelgen vmlinux [BTF]",
		Description: `BTF is a file of raw BTF, or an ELF file that has a .BTF section. Without one the
running kernel's BTF is read.

EXAMPLE:
   build/bin/skelgen vmlinux > build/vmlinux.h`,
		Action: func(c *cli.Context) error {
			args := c.Args().Slice()
			if len(args) > 1 {
				return usageError(c, fmt.Errorf("one BTF at a time, %q is too many", args[1]), true)
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
				return about(what, err)
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
	b.WriteString(vmlinuxTail)
	return b.Bytes(), nil
}

func openBTF(path string) (*libbpf.BTF, error) {
	if path != "" {
		return libbpf.LoadBTF(path)
	}
	btf, err := libbpf.KernelBTF()
	if err != nil {
		return nil, errors.Join(err, errors.New("a kernel built with CONFIG_DEBUG_INFO_BTF has it in /sys/kernel/btf/vmlinux"))
	}
	return btf, nil
}
