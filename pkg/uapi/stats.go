package uapi

// StatsType selects the statistics that BPF_ENABLE_STATS makes the kernel collect.
// (enum bpf_stats_type)
type StatsType uint32

const StatsRunTime StatsType = 0

var statsTypes = enum[StatsType]{"stats_type", "BPF_STATS_", []row[StatsType]{
	{StatsRunTime, "run_time", 0},
}}

// String returns the kernel's name without "BPF_STATS_", in lower case: "run_time".
func (t StatsType) String() string { return statsTypes.text(t) }
