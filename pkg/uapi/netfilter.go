package uapi

// NFProto is a protocol family of netfilter. (linux/netfilter.h)
type NFProto uint32

const (
	NFProtoUnspec NFProto = 0
	NFProtoInet   NFProto = 1
	NFProtoIPv4   NFProto = 2
	NFProtoARP    NFProto = 3
	NFProtoNetDev NFProto = 5
	NFProtoBridge NFProto = 7
	NFProtoIPv6   NFProto = 10
)

var nfProtos = enum[NFProto]{"nfproto", "NFPROTO_", []row[NFProto]{
	{NFProtoUnspec, "unspec", 0},
	{NFProtoInet, "inet", 0},
	{NFProtoIPv4, "ipv4", 0},
	{NFProtoARP, "arp", 0},
	{NFProtoNetDev, "netdev", 0},
	{NFProtoBridge, "bridge", 0},
	{NFProtoIPv6, "ipv6", 0},
}}

// String returns the kernel's name without "NFPROTO_", in lower case: "ipv4".
func (t NFProto) String() string { return nfProtos.text(t) }

// NFHook is a place in the network stack where netfilter calls programs. (enum
// nf_inet_hooks)
type NFHook uint32

const (
	NFHookPreRouting NFHook = iota
	NFHookLocalIn
	NFHookForward
	NFHookLocalOut
	NFHookPostRouting
	NFHookIngress
)

var nfHooks = enum[NFHook]{"nf_inet", "NF_INET_", []row[NFHook]{
	{NFHookPreRouting, "pre_routing", 0},
	{NFHookLocalIn, "local_in", 0},
	{NFHookForward, "forward", 0},
	{NFHookLocalOut, "local_out", 0},
	{NFHookPostRouting, "post_routing", 0},
	{NFHookIngress, "ingress", 0},
}}

// String returns the kernel's name without "NF_INET_", in lower case: "local_in".
func (t NFHook) String() string { return nfHooks.text(t) }
