// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
#include <errno.h>
#include <string.h>
#include "shim.h"

static bool has_size(uint32_t kind)
{
	switch (kind) {
	case BTF_KIND_INT:
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
	case BTF_KIND_FLOAT:
	case BTF_KIND_DATASEC:
		return true;
	default:
		return false;
	}
}

static bool has_layout(uint32_t kind)
{
	return kind != BTF_KIND_FUNC && kind != BTF_KIND_FUNC_PROTO && kind != BTF_KIND_VAR &&
	       kind != BTF_KIND_DATASEC && kind != BTF_KIND_DECL_TAG && kind != BTF_KIND_FWD &&
	       kind != BTF_KIND_UNKN;
}

/* libbpf warns about a type without an alignment, which the result already reports. */
static int quiet_align_of(const struct btf *btf, uint32_t id)
{
	struct bpfskel_log log;
	int align;

	bpfskel_capture_begin(&log);
	align = btf__align_of(btf, id);
	bpfskel_capture_end(&log);
	bpfskel_text_free(&log.records);
	return align;
}

int bpfskel_btf_type(const struct btf *btf, uint32_t id, struct bpfskel_btf_type *out)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	if (!t)
		return -EINVAL;
	memset(out, 0, sizeof(*out));
	out->name = btf__name_by_offset(btf, t->name_off);
	out->kind = btf_kind(t);
	out->vlen = btf_vlen(t);
	out->kflag = btf_kflag(t);
	if (has_size(out->kind))
		out->size = t->size;
	else
		out->elem = t->type;
	if (has_layout(out->kind))
		out->align = quiet_align_of(btf, id);

	switch (out->kind) {
	case BTF_KIND_INT:
		out->bits = btf_int_bits(t);
		out->bit_offset = btf_int_offset(t);
		out->encoding = btf_int_encoding(t);
		break;
	case BTF_KIND_ARRAY:
		out->elem = btf_array(t)->type;
		out->len = btf_array(t)->nelems;
		break;
	case BTF_KIND_VAR:
		out->linkage = btf_var(t)->linkage;
		break;
	case BTF_KIND_FUNC:
		out->linkage = btf_vlen(t);
		break;
	case BTF_KIND_DECL_TAG:
		out->component = btf_decl_tag(t)->component_idx;
		break;
	}
	return 0;
}

int bpfskel_btf_item(const struct btf *btf, uint32_t id, uint32_t i, struct bpfskel_btf_item *out)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	uint32_t name = 0;

	if (!t || i >= btf_vlen(t))
		return -EINVAL;
	memset(out, 0, sizeof(*out));
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		name = btf_members(t)[i].name_off;
		out->type = btf_members(t)[i].type;
		out->offset = btf_member_bit_offset(t, i);
		out->size = btf_member_bitfield_size(t, i);
		break;
	case BTF_KIND_ENUM:
		name = btf_enum(t)[i].name_off;
		out->value = (int64_t)btf_enum(t)[i].val;
		if (!btf_kflag(t))
			out->value = (uint32_t)btf_enum(t)[i].val;
		break;
	case BTF_KIND_ENUM64:
		name = btf_enum64(t)[i].name_off;
		out->value = btf_enum64_value(&btf_enum64(t)[i]);
		break;
	case BTF_KIND_FUNC_PROTO:
		name = btf_params(t)[i].name_off;
		out->type = btf_params(t)[i].type;
		break;
	case BTF_KIND_DATASEC:
		out->type = btf_var_secinfos(t)[i].type;
		out->offset = btf_var_secinfos(t)[i].offset;
		out->size = btf_var_secinfos(t)[i].size;
		break;
	default:
		return -EINVAL;
	}
	out->name = btf__name_by_offset(btf, name);
	return 0;
}

static void bpfskel_dump_printf(void *ctx, const char *fmt, va_list args)
{
	bpfskel_text_vprintf(ctx, fmt, args);
}

struct btf_dump *bpfskel_dump_new(const struct btf *btf, struct bpfskel_text *out)
{
	return btf_dump__new(btf, bpfskel_dump_printf, out, NULL);
}

int bpfskel_dump_decl(struct btf_dump *d, uint32_t id, const char *name, int indent, bool strip_mods,
		      struct bpfskel_log *log)
{
	LIBBPF_OPTS(btf_dump_emit_type_decl_opts, opts,
		.field_name = name,
		.indent_level = indent,
		.strip_mods = strip_mods,
	);

	int err;

	bpfskel_capture_begin(log);
	err = btf_dump__emit_type_decl(d, id, &opts);
	bpfskel_capture_end(log);
	return err;
}

int bpfskel_dump_type(struct btf_dump *d, uint32_t id, struct bpfskel_log *log)
{
	int err;

	bpfskel_capture_begin(log);
	err = btf_dump__dump_type(d, id);
	bpfskel_capture_end(log);
	return err;
}

int bpfskel_btf_parse(struct btf **btf, const char *path, struct bpfskel_log *log)
{
	int err = 0;

	bpfskel_capture_begin(log);
	*btf = btf__parse(path, NULL);
	if (!*btf)
		err = errno ? -errno : -EINVAL;
	bpfskel_capture_end(log);
	return err;
}

int bpfskel_btf_kernel(struct btf **btf, struct bpfskel_log *log)
{
	int err = 0;

	bpfskel_capture_begin(log);
	*btf = btf__load_vmlinux_btf();
	if (!*btf)
		err = errno ? -errno : -EINVAL;
	bpfskel_capture_end(log);
	return err;
}
