package uapi

// Cmd is a command of bpf(2). (enum bpf_cmd)
type Cmd uint32

const (
	CmdMapCreate Cmd = iota
	CmdMapLookupElem
	CmdMapUpdateElem
	CmdMapDeleteElem
	CmdMapGetNextKey
	CmdProgLoad
	CmdObjPin
	CmdObjGet
	CmdProgAttach
	CmdProgDetach
	CmdProgTestRun
	CmdProgGetNextID
	CmdMapGetNextID
	CmdProgGetFDByID
	CmdMapGetFDByID
	CmdObjGetInfoByFD
	CmdProgQuery
	CmdRawTracepointOpen
	CmdBTFLoad
	CmdBTFGetFDByID
	CmdTaskFDQuery
	CmdMapLookupAndDeleteElem
	CmdMapFreeze
	CmdBTFGetNextID
	CmdMapLookupBatch
	CmdMapLookupAndDeleteBatch
	CmdMapUpdateBatch
	CmdMapDeleteBatch
	CmdLinkCreate
	CmdLinkUpdate
	CmdLinkGetFDByID
	CmdLinkGetNextID
	CmdEnableStats
	CmdIterCreate
	CmdLinkDetach
	CmdProgBindMap
	CmdTokenCreate
	CmdProgStreamReadByFD
	CmdProgAssocStructOps
)

// CmdCommonAttrs is added to a command whose call has a fourth and a fifth argument,
// for a log.
const CmdCommonAttrs Cmd = 1 << 16

var cmds = enum[Cmd]{"cmd", "BPF_", []row[Cmd]{
	{CmdMapCreate, "map_create", 0},
	{CmdMapLookupElem, "map_lookup_elem", 0},
	{CmdMapUpdateElem, "map_update_elem", 0},
	{CmdMapDeleteElem, "map_delete_elem", 0},
	{CmdMapGetNextKey, "map_get_next_key", 0},
	{CmdProgLoad, "prog_load", 0},
	{CmdObjPin, "obj_pin", 0},
	{CmdObjGet, "obj_get", 0},
	{CmdProgAttach, "prog_attach", 0},
	{CmdProgDetach, "prog_detach", 0},
	{CmdProgTestRun, "prog_test_run", 0},
	{CmdProgTestRun, "prog_run", 0},
	{CmdProgGetNextID, "prog_get_next_id", 0},
	{CmdMapGetNextID, "map_get_next_id", 0},
	{CmdProgGetFDByID, "prog_get_fd_by_id", 0},
	{CmdMapGetFDByID, "map_get_fd_by_id", 0},
	{CmdObjGetInfoByFD, "obj_get_info_by_fd", 0},
	{CmdProgQuery, "prog_query", 0},
	{CmdRawTracepointOpen, "raw_tracepoint_open", 0},
	{CmdBTFLoad, "btf_load", 0},
	{CmdBTFGetFDByID, "btf_get_fd_by_id", 0},
	{CmdTaskFDQuery, "task_fd_query", 0},
	{CmdMapLookupAndDeleteElem, "map_lookup_and_delete_elem", 0},
	{CmdMapFreeze, "map_freeze", 0},
	{CmdBTFGetNextID, "btf_get_next_id", 0},
	{CmdMapLookupBatch, "map_lookup_batch", 0},
	{CmdMapLookupAndDeleteBatch, "map_lookup_and_delete_batch", 0},
	{CmdMapUpdateBatch, "map_update_batch", 0},
	{CmdMapDeleteBatch, "map_delete_batch", 0},
	{CmdLinkCreate, "link_create", 0},
	{CmdLinkUpdate, "link_update", 0},
	{CmdLinkGetFDByID, "link_get_fd_by_id", 0},
	{CmdLinkGetNextID, "link_get_next_id", 0},
	{CmdEnableStats, "enable_stats", 0},
	{CmdIterCreate, "iter_create", 0},
	{CmdLinkDetach, "link_detach", 0},
	{CmdProgBindMap, "prog_bind_map", 0},
	{CmdTokenCreate, "token_create", 609},
	{CmdProgStreamReadByFD, "prog_stream_read_by_fd", 617},
	{CmdProgAssocStructOps, "prog_assoc_struct_ops", 700},
	{CmdCommonAttrs, "common_attrs", 702},
}}

// String returns the kernel's name without "BPF_", in lower case: "map_create".
func (t Cmd) String() string {
	if command := t &^ CmdCommonAttrs; command != t {
		return cmds.text(command) + "|" + cmds.text(CmdCommonAttrs)
	}
	return cmds.text(t)
}
