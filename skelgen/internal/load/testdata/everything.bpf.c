// One of everything that has a name, for tests that put other names into the object.
// The names begin with Z and are as long as the longest name that is tried.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Zlicense_________________________________";

enum Zenum____________________________________ {
	Zenumerator______________________________ = 1,
};

union Zunion___________________________________ {
	int number;
	char bytes[4];
};

typedef int Ztypedef_________________________________;

struct Zstruct__________________________________ {
	Ztypedef_________________________________ Zmember__________________________________;
	union Zunion___________________________________ u;
	enum Zenum____________________________________ e;
	int bits : 3;
	char text[8];
	int (*call)(int Zparameter_______________________________);
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, Ztypedef_________________________________);
	__type(value, struct Zstruct__________________________________);
} Zmap_____________________________________ SEC(".maps");

int Zvariable________________________________;
static volatile int Zstatic__________________________________ = 3;
struct Zstruct__________________________________ of_section SEC(".data.Zsection_________________________________");
const volatile struct Zstruct__________________________________ constant;
int __attribute__((btf_type_tag("Ztag_____________________________________"))) *tagged;

SEC("raw_tp/Zattach__________________________________")
int Zprogram_________________________________(void *ctx)
{
	return Zvariable________________________________ + Zstatic__________________________________ + of_section.e +
	       constant.bits + !tagged;
}
