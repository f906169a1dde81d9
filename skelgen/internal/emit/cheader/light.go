package cheader

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// Light returns the header of an object that is loaded by its loader: every byte of
// "bpftool gen skeleton -L", on a machine with that page size. images are the sections'
// initial values, by map.
func Light(obj *model.Object, insns, blob []byte, images map[int][]byte, pageSize int) ([]byte, error) {
	h := newHeader(obj, (len(insns)+len(blob))*embedFactor)
	h.plain = true
	h.lightMembers()
	for _, p := range obj.Programs {
		h.text(lightAttachOne, "NAME", obj.Name, "IDENT", p.Name, "LINK", lightLink(&p))
	}
	h.text(lightAttach, "NAME", obj.Name)
	for _, p := range obj.Programs {
		h.line("\tret = ret < 0 ? ret : %s__%s__attach(skel);", obj.Name, p.Name)
	}
	h.text(lightDetach, "NAME", obj.Name)
	for _, p := range obj.Programs {
		h.line("\tskel_closenz(skel->links.%s_fd);", p.Name)
	}
	h.lightDestroy(pageSize)
	h.text(lightOpen, "NAME", obj.Name)
	mapped := h.lightMapped(images)
	for _, m := range mapped {
		h.text(lightImageHead)
		h.embed(m.image)
		h.text(lightImageTail, "IDENT", m.ident, "SIZE", strconv.Itoa(mappedSize(m.Map, pageSize)))
	}
	h.text(lightLoadHead, "NAME", obj.Name)
	h.embed(blob)
	h.text(lightLoadInsns)
	h.embed(insns)
	h.text(lightLoadTail)
	for _, m := range mapped {
		prot := "PROT_READ | PROT_WRITE"
		if m.Flags&uapi.MapFlagReadOnlyProg != 0 {
			prot = "PROT_READ"
		}
		h.text(lightMap, "IDENT", m.ident, "SIZE", strconv.Itoa(mappedSize(m.Map, pageSize)), "PROTECTION", prot)
	}
	h.text(lightEnd, "NAME", obj.Name)
	h.asserts()
	h.text(tail, "GUARD", ident.GuardC(obj.Name, "SKEL_H"))
	return h.bytes()
}

// LightWarnings says what is wrong with the header of Light, and with bpftool's.
func LightWarnings(obj *model.Object) (out []string) {
	h := newHeader(obj, 0)
	for _, p := range obj.Programs {
		if !p.Autoload {
			out = append(out, fmt.Sprintf("program %s is not loaded, SEC(%q), but has a descriptor, as in bpftool's header: it and those after it are of the wrong programs", p.Name, p.Section))
			break
		}
	}
	if len(h.maps) < len(obj.Maps) {
		out = append(out, "a map without an identifier has no descriptor, as in bpftool's header: those after it are of the wrong maps")
	}
	if len(obj.Programs) == 0 {
		out = append(out, "without programs the header does not compile, as bpftool's does not")
	}
	for i := range h.maps {
		if m := &h.maps[i]; m.Type == uapi.MapTypeArena {
			out = append(out, fmt.Sprintf("with the arena %s the header does not compile, as bpftool's does not", m.Name))
			break
		}
	}
	return out
}

func (h *header) lightMembers() {
	h.text(lightHead, "NAME", h.obj.Name, "GUARD", ident.GuardC(h.obj.Name, "SKEL_H"))
	h.lightGroup("maps", "struct bpf_map_desc %s;", h.mapIdents(func(*namedMap) bool { return true }))
	h.lightGroup("progs", "struct bpf_prog_desc %s;", h.programNames())
	h.lightGroup("links", "int %s_fd;", h.programNames())
	for _, m := range h.sections() {
		h.section(m)
	}
	h.line("};\n")
}

func (h *header) lightGroup(name, form string, members []string) {
	if len(members) == 0 {
		return
	}
	h.line("\tstruct {")
	for _, m := range members {
		h.line("\t\t"+form, m)
	}
	h.line("\t} %s;", name)
}

// lightLink is the expression that attaches a program, up to the end of its line.
func lightLink(p *model.Program) string {
	switch p.Type {
	case uapi.ProgTypeRawTracepoint:
		if _, name, ok := strings.Cut(p.Section, "/"); ok {
			return `skel_raw_tracepoint_open("` + cString(name) + `", prog_fd);`
		}
	case uapi.ProgTypeTracing, uapi.ProgTypeLSM:
		if p.AttachType == uapi.AttachTypeTraceIter {
			return "skel_link_create(prog_fd, 0, BPF_TRACE_ITER);"
		}
		return "skel_raw_tracepoint_open(NULL, prog_fd);"
	}
	return "((void)prog_fd, 0); /* auto-attach not supported */"
}

func (h *header) lightDestroy(pageSize int) {
	h.text(lightDestroy, "NAME", h.obj.Name)
	for _, p := range h.obj.Programs {
		h.line("\tskel_closenz(skel->progs.%s.prog_fd);", p.Name)
	}
	for i := range h.maps {
		m := &h.maps[i]
		if m.Internal && m.Flags&uapi.MapFlagMmapable != 0 {
			h.line("\tskel_free_map_data(skel->%s, skel->maps.%[1]s.initial_value, %d);", m.ident, mappedSize(m.Map, pageSize))
		}
		h.line("\tskel_closenz(skel->maps.%s.map_fd);", m.ident)
	}
	h.line("\tskel_free(skel);\n}")
}

// lightMapped are the maps that the header maps. bpftool takes an arena for a section.
func (h *header) lightMapped(images map[int][]byte) (out []mappedMap) {
	for i := range h.obj.Maps {
		m := &h.obj.Maps[i]
		if m.Type == uapi.MapTypeArena {
			out = append(out, mappedMap{m, "arena", nil})
		} else if section, ok := ident.SectionC(m); ok {
			out = append(out, mappedMap{m, section, images[i]})
		}
	}
	return out
}

type mappedMap struct {
	*model.Map
	ident string
	image []byte
}

// mappedSize is the size in bytes of the memory behind a map.
func mappedSize(m *model.Map, pageSize int) int {
	size := (int(m.ValueSize) + 7) / 8 * 8 * int(m.MaxEntries)
	return (size + pageSize - 1) / pageSize * pageSize
}

const lightHead = `/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* THIS FILE IS AUTOGENERATED BY BPFTOOL! */
#ifndef GUARD
#define GUARD

#include <bpf/skel_internal.h>

struct NAME {
	struct bpf_loader_ctx ctx;
`

const lightAttachOne = `static inline int
NAME__IDENT__attach(struct NAME *skel)
{
	int prog_fd = skel->progs.IDENT.prog_fd;
	int fd = LINK

	if (fd > 0)
		skel->links.IDENT_fd = fd;
	return fd;
}

`

const lightAttach = `static inline int
NAME__attach(struct NAME *skel)
{
	int ret = 0;

`

const lightDetach = `	return ret < 0 ? ret : 0;
}

static inline void
NAME__detach(struct NAME *skel)
{
`

const lightDestroy = `}
static void
NAME__destroy(struct NAME *skel)
{
	if (!skel)
		return;
	NAME__detach(skel);
`

const lightOpen = `static inline struct NAME *
NAME__open(void)
{
	struct NAME *skel;

	skel = (struct NAME *)skel_alloc(sizeof(*skel));
	if (!skel)
		goto cleanup;
	skel->ctx.sz = (char *)&skel->links - (char *)skel;
`

const lightImageHead = `	{
		static const char data[] __attribute__((__aligned__(8))) = "\
`

const lightImageTail = `";

		skel->IDENT = (__typeof__(skel->IDENT))skel_prep_map_data((void *)data, SIZE,
						sizeof(data) - 1);
		if (!skel->IDENT)
			goto cleanup;
		skel->maps.IDENT.initial_value = (__u64) (long) skel->IDENT;
	}
`

const lightLoadHead = `	return skel;
cleanup:
	NAME__destroy(skel);
	return NULL;
}

static inline int
NAME__load(struct NAME *skel)
{
	struct bpf_load_and_run_opts opts = {};
	int err;
	static const char opts_data[] __attribute__((__aligned__(8))) = "\
`

const lightLoadInsns = `";
	static const char opts_insn[] __attribute__((__aligned__(8))) = "\
`

const lightLoadTail = `";
	opts.ctx = (struct bpf_loader_ctx *)skel;
	opts.data_sz = sizeof(opts_data) - 1;
	opts.data = (void *)opts_data;
	opts.insns_sz = sizeof(opts_insn) - 1;
	opts.insns = (void *)opts_insn;

	err = bpf_load_and_run(&opts);
	if (err < 0)
		return err;
`

const lightMap = `	skel->IDENT = (__typeof__(skel->IDENT))skel_finalize_map_data(&skel->maps.IDENT.initial_value,
					SIZE, PROTECTION, skel->maps.IDENT.map_fd);
	if (!skel->IDENT)
		return -ENOMEM;
`

const lightEnd = `	return 0;
}

static inline struct NAME *
NAME__open_and_load(void)
{
	struct NAME *skel;

	skel = NAME__open();
	if (!skel)
		return NULL;
	if (NAME__load(skel)) {
		NAME__destroy(skel);
		return NULL;
	}
	return skel;
}

`
