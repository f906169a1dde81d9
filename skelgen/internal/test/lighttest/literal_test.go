package lighttest

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"

	"github.com/bpfskel/bpfskel/pkg/light"
	"github.com/bpfskel/bpfskel/pkg/light/kernelconfig"
)

// names are what generated descriptions use of other packages.
var names = map[string]any{
	"true":                   true,
	"light.Map":              reflect.TypeFor[light.Map](),
	"light.KconfigVariables": reflect.TypeFor[light.KconfigVariables](),
	"light.SectionData":      light.SectionData,
	"light.SectionRodata":    light.SectionRodata,
	"light.SectionKconfig":   light.SectionKconfig,
	"light.KconfigBool":      light.KconfigBool,
	"light.KconfigTristate":  light.KconfigTristate,
	"light.KconfigChar":      light.KconfigChar,
	"light.KconfigInt":       light.KconfigInt,
	"light.KconfigString":    light.KconfigString,
	"light.Kprobes":          light.Kprobes,
	"light.Uprobes":          light.Uprobes,
	"light.FindType":         light.FindType,
	"light.FindSymbol":       light.FindSymbol,
	"kernelconfig.Open":      kernelconfig.Open,
}

// lightObject evaluates the variable lightObject of a generated file x_light.go.
func lightObject(source []byte) (o *light.Object, err error) {
	file, err := parser.ParseFile(token.NewFileSet(), "x_light.go", source, 0)
	if err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("x_light.go has an expression that this test does not know: %v", r)
		}
	}()
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.VAR {
			continue
		}
		if v := group.Specs[0].(*ast.ValueSpec); v.Names[0].Name == "lightObject" {
			o = new(light.Object)
			set(reflect.ValueOf(o).Elem(), v.Values[0])
		}
	}
	if o == nil {
		return nil, errors.New("x_light.go has no lightObject")
	}
	return o, nil
}

// set sets a variable to the value of an expression. It panics for expressions that
// descriptions do not have.
func set(to reflect.Value, e ast.Expr) {
	switch e := e.(type) {
	case *ast.CompositeLit:
		setComposite(to, e)
	case *ast.UnaryExpr: // &light.Map{...}
		of := e.X.(*ast.CompositeLit)
		made := reflect.New(typeOf(of.Type))
		setComposite(made.Elem(), of)
		to.Set(made)
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			if err != nil {
				panic(err)
			}
			to.SetString(text)
			return
		}
		n, err := strconv.ParseUint(e.Value, 0, 64)
		if err != nil {
			panic(err)
		}
		if to.CanInt() {
			to.SetInt(int64(n))
		} else {
			to.SetUint(n)
		}
	default:
		to.Set(reflect.ValueOf(named(e)))
	}
}

func setComposite(to reflect.Value, e *ast.CompositeLit) {
	if to.Kind() == reflect.Slice {
		to.Set(reflect.MakeSlice(to.Type(), len(e.Elts), len(e.Elts)))
		for i, element := range e.Elts {
			set(to.Index(i), element)
		}
		return
	}
	for _, element := range e.Elts {
		pair := element.(*ast.KeyValueExpr)
		set(to.FieldByName(pair.Key.(*ast.Ident).Name), pair.Value)
	}
}

func typeOf(e ast.Expr) reflect.Type { return named(e).(reflect.Type) }

func named(e ast.Expr) any {
	name := ""
	switch e := e.(type) {
	case *ast.Ident:
		name = e.Name
	case *ast.SelectorExpr:
		name = e.X.(*ast.Ident).Name + "." + e.Sel.Name
	}
	value, ok := names[name]
	if !ok {
		panic(fmt.Sprintf("%q", name))
	}
	return value
}
