package transform

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// expression is a compiled expression. It never changes.
//
// Expr parses it, compiles it and runs it, but knows nothing of its values: texts and exact decimals, on
// which its operators become calls of our own. So there is no float, no clock and no loop in them.
type expression struct {
	source  string
	program *vm.Program
	columns []string // raw and pseudo columns, each once
	kind    kind
}

const (
	// maxExpression bounds the text of an expression.
	maxExpression = 8 << 10
	// maxExprNodes bounds its parts.
	maxExprNodes = 500
	// columnFunction reads a column whose name is no identifier.
	columnFunction = "column"
)

// compileExpr checks an expression's syntax and types, and makes it ready for use.
func compileExpr(text string) (*expression, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("expr is empty")
	}
	if len(text) > maxExpression {
		return nil, fmt.Errorf("expr has %d bytes, more than the %d that are read", len(text), maxExpression)
	}
	config := conf.CreateNew()
	config.MaxNodes = maxExprNodes
	config.Optimize = false
	for name := range config.Builtins {
		config.Disabled[name] = true
	}
	clear(config.Builtins)
	tree, err := parser.ParseWithConfig(text, config)
	if err != nil {
		return nil, fmt.Errorf("expr: %w", syntaxError(err))
	}
	w := &exprWriter{source: []rune(text), functions: conf.FunctionsTable{}}
	node, k, err := w.write(tree.Node)
	if err != nil {
		return nil, fmt.Errorf("expr: %w", err)
	}
	tree.Node = node
	env := make(map[string]any, len(w.columns))
	for _, name := range w.columns {
		env[name] = nullValue
	}
	config.WithEnv(env)
	config.Functions = w.functions
	if _, err := checker.Check(tree, config); err != nil {
		return nil, fmt.Errorf("expr: %w", syntaxError(err))
	}
	program, err := compiler.Compile(tree, config)
	if err != nil {
		return nil, fmt.Errorf("expr: %w", err)
	}
	return &expression{source: text, program: program, columns: w.columns, kind: k}, nil
}

// syntaxError makes one line of an error of expr.
func syntaxError(err error) error {
	var e *file.Error
	if !errors.As(err, &e) {
		return err
	}
	hint := ""
	for _, name := range []string{"contains", "matches", "startsWith", "endsWith"} {
		if strings.Contains(e.Message, `Operator("`+name+`")`) {
			hint = fmt.Sprintf(`; it stands between two values, such as Note %s "x"`, name)
		}
	}
	return fmt.Errorf("%s%s, at character %d", e.Message, hint, e.From+1)
}

// exprWriter checks a tree, and rewrites it into calls of our functions.
type exprWriter struct {
	source    []rune
	columns   []string
	functions conf.FunctionsTable
}

func (w *exprWriter) errorf(node ast.Node, format string, args ...any) error {
	return fmt.Errorf(format+", at character %d", append(args, node.Location().From+1)...)
}

func (w *exprWriter) write(node ast.Node) (ast.Node, kind, error) {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		return w.column(n, n.Value)
	case *ast.MemberNode:
		name, ok := dotted(n)
		if !ok {
			return nil, 0, w.errorf(n, `values have no parts; a column is named by its name, or by column("its name")`)
		}
		return w.column(n, name)
	case *ast.StringNode:
		return constantNode(n, textValue(n.Value)), textKind, nil
	case *ast.IntegerNode, *ast.FloatNode:
		return w.number(n)
	case *ast.NilNode:
		return constantNode(n, nullValue), nullKind, nil
	case *ast.BoolNode:
		return n, flagKind, nil
	case *ast.UnaryNode:
		return w.unary(n)
	case *ast.BinaryNode:
		return w.binary(n)
	case *ast.ConditionalNode:
		return w.conditional(n)
	case *ast.CallNode:
		callee, ok := n.Callee.(*ast.IdentifierNode)
		if !ok {
			return nil, 0, w.errorf(n, "only functions can be called")
		}
		if callee.Value == columnFunction {
			return w.columnCall(n)
		}
		f := functions[callee.Value]
		if f == nil {
			return nil, 0, w.unknownFunction(n, callee.Value)
		}
		return w.call(n, callee.Value, f, n.Arguments)
	case *ast.BuiltinNode:
		return nil, 0, w.unknownFunction(n, n.Name)
	}
	return nil, 0, w.errorf(node, "lists, maps, variables and the like are not offered")
}

func (w *exprWriter) unknownFunction(node ast.Node, name string) error {
	names := functionNames()
	return w.errorf(node, "there is no function %s%s; there are column, %s, and the operators contains, startsWith, endsWith, matches and in", name, suggest(name, names), strings.Join(names, ", "))
}

// dotted gives the name of a column of nested JSON, such as user.id.
func dotted(n *ast.MemberNode) (string, bool) {
	property, ok := n.Property.(*ast.StringNode)
	if !ok || n.Optional {
		return "", false
	}
	switch base := n.Node.(type) {
	case *ast.IdentifierNode:
		if base.Value == "$env" { // expr's own way to name odd columns
			return property.Value, true
		}
		return base.Value + "." + property.Value, true
	case *ast.MemberNode:
		name, ok := dotted(base)
		return name + "." + property.Value, ok
	}
	return "", false
}

func (w *exprWriter) column(node ast.Node, name string) (ast.Node, kind, error) {
	if err := checkSource(name); err != nil {
		return nil, 0, w.errorf(node, "%w", err)
	}
	if !slices.Contains(w.columns, name) {
		w.columns = append(w.columns, name)
	}
	read := &ast.IdentifierNode{Value: name}
	read.SetLocation(node.Location())
	return read, textKind, nil
}

func (w *exprWriter) columnCall(n *ast.CallNode) (ast.Node, kind, error) {
	if len(n.Arguments) == 1 {
		if name, ok := n.Arguments[0].(*ast.StringNode); ok {
			return w.column(n, name.Value)
		}
	}
	return nil, 0, w.errorf(n, `column takes one name in quotes, such as column("Unit Price")`)
}

func constantNode(from ast.Node, v *value) ast.Node {
	node := &ast.ConstantNode{Value: v}
	node.SetLocation(from.Location())
	return node
}

// literal gives the value of a literal.
func literal(node ast.Node) (*value, bool) {
	n, ok := node.(*ast.ConstantNode)
	if !ok {
		return nil, false
	}
	v, ok := n.Value.(*value)
	return v, ok
}

// number takes a number's own text, not what expr made of it.
func (w *exprWriter) number(node ast.Node) (ast.Node, kind, error) {
	at := node.Location()
	if at.From < 0 || at.To > len(w.source) || at.From >= at.To {
		return nil, 0, w.errorf(node, `the number has to be written as number("…")`)
	}
	text := string(w.source[at.From:at.To])
	d, ok := parseDecimal([]byte(text))
	if !ok || !d.bounded() {
		return nil, 0, w.errorf(node, "%s is not a decimal number", text)
	}
	return constantNode(node, &value{kind: numberKind, number: d}), numberKind, nil
}

func (w *exprWriter) unary(n *ast.UnaryNode) (ast.Node, kind, error) {
	switch n.Operator {
	case "not", "!":
		operand, err := w.flag(n.Node, n.Operator)
		n.Node = operand
		return n, flagKind, err
	case "-":
		return w.call(n, negate, operators[negate], []ast.Node{n.Node})
	}
	return nil, 0, w.errorf(n, "the operator %s is not offered", n.Operator)
}

func (w *exprWriter) flag(node ast.Node, where string) (ast.Node, error) {
	written, k, err := w.write(node)
	if err == nil && k != flagKind {
		err = w.errorf(node, "%s needs a condition, not %s", where, k)
	}
	return written, err
}

func (w *exprWriter) binary(n *ast.BinaryNode) (ast.Node, kind, error) {
	args := []ast.Node{n.Left, n.Right}
	switch n.Operator {
	case "and", "&&", "or", "||":
		var err error
		if n.Left, err = w.flag(n.Left, n.Operator); err != nil {
			return nil, 0, err
		}
		n.Right, err = w.flag(n.Right, n.Operator)
		return n, flagKind, err
	case "==", "!=":
		return w.equality(n)
	case "/", "%", "**", "^":
		return nil, 0, w.errorf(n, "the operator %s is not offered; write divide(a, b, places), which says how many decimals the result has", n.Operator)
	case "in":
		list, ok := n.Right.(*ast.ArrayNode)
		if !ok || len(list.Nodes) == 0 {
			return nil, 0, w.errorf(n, `in needs a list of values, such as ["a", "b"]`)
		}
		return w.call(n, "in", operators["in"], append([]ast.Node{n.Left}, list.Nodes...))
	}
	if f := operators[n.Operator]; f != nil {
		return w.call(n, n.Operator, f, args)
	}
	if n.Operator == "??" {
		return w.call(n, "coalesce", functions["coalesce"], args)
	}
	return nil, 0, w.errorf(n, "the operator %s is not offered", n.Operator)
}

// equality leaves conditions to expr.
func (w *exprWriter) equality(n *ast.BinaryNode) (ast.Node, kind, error) {
	left, leftKind, err := w.write(n.Left)
	if err != nil {
		return nil, 0, err
	}
	right, rightKind, err := w.write(n.Right)
	if err != nil {
		return nil, 0, err
	}
	args := []ast.Node{n.Left, n.Right}
	n.Left, n.Right = left, right
	if leftKind == flagKind && rightKind == flagKind {
		return n, flagKind, nil
	}
	return w.callOf(n, n.Operator, operators[n.Operator], args, []ast.Node{left, right}, []kind{leftKind, rightKind})
}

func (w *exprWriter) conditional(n *ast.ConditionalNode) (ast.Node, kind, error) {
	var then, otherwise kind
	var err error
	if n.Cond, err = w.flag(n.Cond, "?"); err != nil {
		return nil, 0, err
	}
	if n.Exp1, then, err = w.write(n.Exp1); err != nil {
		return nil, 0, err
	}
	if n.Exp2, otherwise, err = w.write(n.Exp2); err != nil {
		return nil, 0, err
	}
	switch {
	case then == otherwise, otherwise == nullKind && then != flagKind:
		return n, then, nil
	case then == nullKind && otherwise != flagKind:
		return n, otherwise, nil
	}
	return nil, 0, w.errorf(n, "one branch is %s, the other %s", then, otherwise)
}

// call checks the arguments of a function or an operator.
func (w *exprWriter) call(node ast.Node, name string, f *function, args []ast.Node) (ast.Node, kind, error) {
	if n := len(args); n < len(f.params)-f.optional || n > len(f.params) && !f.variadic {
		return nil, 0, w.errorf(node, "%s has %d arguments; it is %s", name, n, f.usage)
	}
	written, kinds := make([]ast.Node, len(args)), make([]kind, len(args))
	for i, arg := range args {
		var err error
		if written[i], kinds[i], err = w.write(arg); err != nil {
			return nil, 0, err
		}
	}
	return w.callOf(node, name, f, args, written, kinds)
}

// callOf is call for arguments that are written already.
func (w *exprWriter) callOf(node ast.Node, name string, f *function, args, written []ast.Node, kinds []kind) (ast.Node, kind, error) {
	mixed := nullKind // of arguments that have to be of one kind
	constant := true
	for i, arg := range args {
		a, k := written[i], kinds[i]
		want := f.params[min(i, len(f.params)-1)]
		if err := w.checkKind(arg, name, f, i, k, want); err != nil {
			return nil, 0, err
		}
		if want == nullKind && k != nullKind && len(args) > 1 {
			if mixed != nullKind && mixed != k {
				return nil, 0, w.errorf(node, "%s mixes %s and %s; write number(…) or text(…) around one", name, mixed, k)
			}
			mixed = k
		}
		if slices.Contains(f.literal, i) {
			if err := w.checkLiteral(arg, a, name, f, i, k); err != nil {
				return nil, 0, err
			}
		}
		_, isLiteral := literal(a)
		constant = constant && isLiteral
	}
	if err := w.checkTogether(node, name, written); err != nil {
		return nil, 0, err
	}
	result := f.result
	if f.test != nil {
		result = flagKind
	} else if result == nullKind {
		result = mixed
	}
	if constant {
		folded, err := w.fold(node, f, written)
		return folded, result, err
	}
	w.functions[name] = &builtin.Function{Name: name, Func: f.run}
	callee := &ast.IdentifierNode{Value: name}
	callee.SetLocation(node.Location())
	made := &ast.CallNode{Callee: callee, Arguments: written}
	made.SetLocation(node.Location())
	return made, result, nil
}

func (w *exprWriter) checkKind(arg ast.Node, name string, f *function, i int, k, want kind) error {
	if name == negate {
		name = "-"
	}
	switch {
	case k == nullKind && f.test == nil, k != nullKind && (k == want || want == nullKind && k != flagKind):
		return nil
	case k == nullKind:
		return w.errorf(arg, "%s needs %s, not nil; is_empty(…) tells whether there is a value", name, kindName(want))
	case want == numberKind && k == textKind:
		hint := ""
		if name == "+" {
			hint = ", or concat(…) to join texts"
		}
		return w.errorf(arg, "%s needs numbers, and this is a text; write number(%s)%s", name, w.shown(arg), hint)
	case want == textKind && k == numberKind:
		return w.errorf(arg, "%s needs a text, and this is a number; write text(…)", name)
	}
	return w.errorf(arg, "%s needs %s as %s, not %s", name, kindName(want), ordinal(i+1), k)
}

// shown is a column's name, as a hint shows it.
func (w *exprWriter) shown(arg ast.Node) string {
	if id, ok := arg.(*ast.IdentifierNode); ok {
		return id.Value
	}
	return "…"
}

func (w *exprWriter) checkLiteral(arg, written ast.Node, name string, f *function, i int, k kind) error {
	v, ok := literal(written)
	if !ok || v.null {
		return w.errorf(arg, "%s of %s has to be written out, since it is checked when the config is read", ordinal(i+1), name)
	}
	if name == "number" {
		return nil
	}
	if k == textKind {
		regex, err := regexp.Compile(string(v.text))
		if err != nil {
			return w.errorf(arg, "%w", err)
		}
		v.regex = regex
		return nil
	}
	d := v.number
	if d.wide != nil || d.exp != 0 || d.coef > maxLiteral || d.sign() < 0 && name != "slice" {
		return w.errorf(arg, "%s of %s is not a whole number up to %d", ordinal(i+1), f.usage, maxLiteral)
	}
	if (name == "round" || name == "divide") && d.coef > 20 {
		return w.errorf(arg, "%s keeps at most 20 places", name)
	}
	if name == "split" && d.sign() == 0 {
		return w.errorf(arg, "split counts parts from 1")
	}
	return nil
}

// checkTogether checks literals that belong together.
func (w *exprWriter) checkTogether(node ast.Node, name string, args []ast.Node) error {
	switch {
	case name == "extract" && len(args) == 3:
		pattern, _ := literal(args[1])
		group, _ := literal(args[2])
		if n := pattern.regex.NumSubexp(); literalInt(group) > n {
			return w.errorf(node, "the regular expression has no group %d; it has %d", literalInt(group), n)
		}
	case name == "number" && len(args) > 1:
		spec := NumberSpec{}
		mark, _ := literal(args[1])
		spec.Decimal = string(mark.text)
		if len(args) == 3 {
			thousands, _ := literal(args[2])
			spec.Thousands = string(thousands.text)
		}
		form, err := newNumberForm(spec)
		if err != nil {
			return w.errorf(node, "%w", err)
		}
		mark.form = form
	}
	return nil
}

// fold works a call of literals out.
func (w *exprWriter) fold(node ast.Node, f *function, args []ast.Node) (ast.Node, error) {
	values := make([]any, len(args))
	for i, a := range args {
		values[i], _ = literal(a)
	}
	result, err := f.run(values...)
	if err != nil {
		return nil, w.errorf(node, "%w", err)
	}
	if flag, ok := result.(bool); ok {
		made := &ast.BoolNode{Value: flag}
		made.SetLocation(node.Location())
		return made, nil
	}
	v := *result.(*value)
	v.room = nil
	return constantNode(node, &v), nil
}
