package gopkg

import (
	"fmt"
	"reflect"
	"strconv"
	"text/template"
	"text/template/parse"

	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
)

// parseEscaped parses a template in which no value can end the line, the comment or
// the string that it is part of: every action of the template passes its value
// through ident.Printable. Inside Go strings a template says {{quote .Name}}.
func parseEscaped(name, text string) *template.Template {
	t := template.Must(template.New(name).Funcs(template.FuncMap{
		"quote":     strconv.QuoteToASCII,
		"printable": func(v any) string { return ident.Printable(fmt.Sprint(v)) },
	}).Parse(text))
	escapeActions(t.Root)
	return t
}

// escapeActions appends "| printable" to each action that prints a value.
func escapeActions(n parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, inner := range n.Nodes {
			escapeActions(inner)
		}
	case *parse.ActionNode:
		if len(n.Pipe.Decl) == 0 {
			n.Pipe.Cmds = append(n.Pipe.Cmds, &parse.CommandNode{
				NodeType: parse.NodeCommand, Pos: n.Pos,
				Args: []parse.Node{parse.NewIdentifier("printable").SetPos(n.Pos)},
			})
		}
	case *parse.IfNode:
		escapeActions(n.List)
		escapeActions(n.ElseList)
	case *parse.RangeNode:
		escapeActions(n.List)
		escapeActions(n.ElseList)
	case *parse.TextNode, *parse.CommentNode:
	default:
		panic("gopkg: a template has an action that is not escaped: " + reflect.TypeOf(n).String())
	}
}
