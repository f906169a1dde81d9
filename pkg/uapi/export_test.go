package uapi

import (
	"fmt"
	"strings"
)

// Newest is the release of Linux that the tables were last compared with.
const Newest = int(newest)

// A Number is a row of a table: the kernel's name, and the result of String.
type Number struct {
	Name  string
	Value uint64
	Since int
	Text  string
}

// A Table is all numbers of one type.
type Table struct {
	Type    string
	Numbers []Number
}

// Tables are all tables.
var Tables = []Table{
	named(&mapTypes), named(&progTypes), named(&attachTypes), named(&linkTypes), named(&cmds),
	named(&btfKinds), named(&btfLinkages), named(&nfProtos), named(&nfHooks), named(&cgroupIterOrders), named(&statsTypes),
	table(mapFlags, asIs), table(elemFlags, asIs), table(progFlags, asIs), table(runFlags, asIs), table(logLevels, asIs),
	table(attachFlags, asIs), table(xdpFlags, asIs), table(netfilterFlags, asIs),
}

type number interface {
	~uint32 | ~uint64
	fmt.Stringer
}

func named[T number](e *enum[T]) Table {
	return table(e.rows, func(name string) string { return e.prefix + strings.ToUpper(name) })
}

func asIs(name string) string { return name }

func table[T number](rows []row[T], kernel func(name string) string) Table {
	t := Table{Type: strings.TrimPrefix(fmt.Sprintf("%T", T(0)), "uapi.")}
	for _, r := range rows {
		t.Numbers = append(t.Numbers, Number{kernel(r.name), uint64(r.value), int(r.since), r.value.String()})
	}
	return t
}
