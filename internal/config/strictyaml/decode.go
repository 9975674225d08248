package strictyaml

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// decoder walks the YAML tree and the Go value side by side.
type decoder struct {
	doc     *Document
	anchors map[string]ast.Node
	merging map[ast.Node]bool // the mappings that are being merged just now
}

// maxHops bounds how many anchors, aliases and tags may stand between a field and its value.
const maxHops = 16

var durationType = reflect.TypeFor[time.Duration]()

// decode reads a node into dst. A node without a value leaves dst as it is.
func (d *decoder) decode(node ast.Node, dst reflect.Value, field string) {
	node, ok := d.resolve(node, field)
	if !ok || node == nil || node.Type() == ast.NullType {
		return
	}
	switch dst.Kind() {
	case reflect.Pointer:
		value := reflect.New(dst.Type().Elem())
		d.decode(node, value.Elem(), field)
		dst.Set(value)
	case reflect.Struct:
		d.decodeStruct(node, dst, field)
	case reflect.Map:
		d.decodeMap(node, dst, field)
	case reflect.Slice:
		if key, ok := keyField(dst.Type().Elem()); ok {
			d.decodeKeyed(node, dst, field, key)
			return
		}
		d.decodeSlice(node, dst, field)
	default:
		d.decodeScalar(node, dst, field)
	}
}

func (d *decoder) decodeStruct(node ast.Node, dst reflect.Value, field string) {
	if defaulter, ok := dst.Addr().Interface().(Defaulter); ok {
		defaulter.SetDefaults()
	}
	known := fieldsOf(dst.Type(), nil)
	if short := d.doc.options.Short[dst.Type()]; short != "" {
		if _, ok := text(node); ok {
			d.decode(node, dst.FieldByIndex(known[slices.IndexFunc(known, isNamed(short))].index), field)
			return
		}
	}
	entries, ok := d.entries(node, field)
	if !ok {
		return
	}
	for _, e := range entries {
		path := join(field, e.key)
		i := slices.IndexFunc(known, isNamed(e.key))
		if i < 0 {
			d.doc.addAt(e.at, path, "unknown key; %s", suggest(e.key, known))
			continue
		}
		d.doc.positions[path] = positionOf(e.at)
		d.decode(e.value, dst.FieldByIndex(known[i].index), path)
	}
}

func (d *decoder) decodeMap(node ast.Node, dst reflect.Value, field string) {
	entries, ok := d.entries(node, field)
	if !ok {
		return
	}
	dst.Set(reflect.MakeMapWithSize(dst.Type(), len(entries)))
	for _, e := range entries {
		value := reflect.New(dst.Type().Elem()).Elem()
		if d.decodeElement(e.value, value, join(field, e.key), e.at) {
			dst.SetMapIndex(reflect.ValueOf(e.key).Convert(dst.Type().Key()), value)
		}
	}
}

func (d *decoder) decodeKeyed(node ast.Node, dst reflect.Value, field string, key []int) {
	entries, ok := d.entries(node, field)
	if !ok {
		return
	}
	for _, e := range entries {
		value := reflect.New(dst.Type().Elem()).Elem()
		value.FieldByIndex(key).SetString(e.key)
		if d.decodeElement(e.value, value, join(field, e.key), e.at) {
			dst.Set(reflect.Append(dst, value))
		}
	}
}

func (d *decoder) decodeSlice(node ast.Node, dst reflect.Value, field string) {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		d.doc.addAt(node, field, "must be a list, not %s", kind(node))
		return
	}
	for i, element := range sequence.Values {
		value := reflect.New(dst.Type().Elem()).Elem()
		if d.decodeElement(element, value, fmt.Sprintf("%s[%d]", field, i), element) {
			dst.Set(reflect.Append(dst, value))
		}
	}
}

// decodeElement reads one element of a collection. Unlike a field it cannot be left out.
func (d *decoder) decodeElement(node ast.Node, dst reflect.Value, field string, at ast.Node) bool {
	d.doc.positions[field] = positionOf(at)
	if resolved, ok := d.resolve(node, field); ok && (resolved == nil || resolved.Type() == ast.NullType) {
		d.doc.addAt(at, field, "has no value; give it one, or leave it out")
		return false
	}
	d.decode(node, dst, field)
	return true
}

func (d *decoder) decodeScalar(node ast.Node, dst reflect.Value, field string) {
	raw, ok := text(node)
	if !ok {
		d.doc.addAt(node, field, "must be %s, not %s", wanted(dst.Type()), kind(node))
		return
	}
	value := raw
	if expand := d.doc.options.Expand; expand != nil {
		var err error
		if value, err = expand(field, raw); err != nil {
			d.doc.addAt(node, field, "%q: %v", raw, err)
			return
		}
	}
	if !set(dst, value) {
		d.doc.addAt(node, field, "%q is not %s", raw, wanted(dst.Type()))
	}
}

// set reads the text as dst's type.
func set(dst reflect.Value, text string) bool {
	var err error
	switch {
	case dst.Type() == durationType:
		var duration time.Duration
		duration, err = parseDuration(text)
		dst.SetInt(int64(duration))
	case dst.Kind() == reflect.String:
		dst.SetString(text)
	case dst.Kind() == reflect.Bool:
		dst.SetBool(text == "true")
		return text == "true" || text == "false"
	case dst.CanInt():
		var n int64
		n, err = strconv.ParseInt(text, 10, dst.Type().Bits())
		dst.SetInt(n)
	case dst.CanUint():
		var n uint64
		n, err = strconv.ParseUint(text, 10, dst.Type().Bits())
		dst.SetUint(n)
	case dst.CanFloat():
		var x float64
		x, err = strconv.ParseFloat(text, dst.Type().Bits())
		dst.SetFloat(x)
	default:
		panic(fmt.Sprintf("strictyaml: fields of type %s are not supported", dst.Type()))
	}
	return err == nil
}

// mostDays keeps a duration within what fits.
const mostDays = 100_000

// parseDuration reads what time.ParseDuration does, and days of 24 hours before that: 2d, 1d12h.
func parseDuration(text string) (time.Duration, error) {
	days, rest, found := strings.Cut(text, "d")
	if !found {
		return time.ParseDuration(text)
	}
	n, err := strconv.ParseUint(days, 10, 32)
	if err == nil && n > mostDays {
		err = strconv.ErrRange
	}
	var duration time.Duration
	if err == nil && rest != "" {
		duration, err = time.ParseDuration(rest)
	}
	return time.Duration(n)*24*time.Hour + duration, err
}

func wanted(t reflect.Type) string {
	switch {
	case t == durationType:
		return "a duration such as 90s, 10m or 2h"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Int64:
		return "a whole number"
	case t.Kind() >= reflect.Uint && t.Kind() <= reflect.Uint64:
		return "a whole number from 0"
	case t.Kind() == reflect.Float64, t.Kind() == reflect.Float32:
		return "a number"
	}
	return "a text"
}

// entry is one key of a mapping, with its value.
type entry struct {
	key   string
	at    ast.Node
	value ast.Node
}

// entries lists a mapping's keys in their order; those of merged mappings come last, and give way to its own.
func (d *decoder) entries(node ast.Node, field string) ([]entry, bool) {
	mapping, ok := node.(*ast.MappingNode)
	if !ok {
		d.doc.addAt(node, field, "must be a mapping of keys to values, not %s", kind(node))
		return nil, false
	}
	var own, merged []entry
	for _, v := range mapping.Values {
		if v.Key.Type() == ast.MergeKeyType {
			merged = append(merged, d.merged(v.Value, field)...)
			continue
		}
		key, ok := text(v.Key)
		if !ok {
			d.doc.addAt(v.Key, field, "a key must be a plain text")
			continue
		}
		if i := slices.IndexFunc(own, func(e entry) bool { return e.key == key }); i >= 0 {
			d.doc.addAt(v.Key, join(field, key), "the key stands here twice, first in line %d; remove one", positionOf(own[i].at).line)
			continue
		}
		own = append(own, entry{key, v.Key, v.Value})
	}
	for _, m := range merged {
		if !slices.ContainsFunc(own, func(e entry) bool { return e.key == m.key }) {
			own = append(own, m)
		}
	}
	return own, true
}

func (d *decoder) merged(node ast.Node, field string) []entry {
	node, ok := d.resolve(node, field)
	if !ok || node == nil {
		return nil
	}
	sources := []ast.Node{node}
	if sequence, ok := node.(*ast.SequenceNode); ok {
		sources = sequence.Values
	}
	var all []entry
	for _, source := range sources {
		source, ok := d.resolve(source, field)
		if !ok || source == nil {
			continue
		}
		if d.merging[source] {
			d.doc.addAt(node, field, "a mapping that is merged into itself")
			continue
		}
		d.merging[source] = true
		entries, _ := d.entries(source, field)
		delete(d.merging, source)
		all = append(all, entries...)
	}
	return all
}

// resolve follows anchors, aliases and tags to the value itself.
func (d *decoder) resolve(node ast.Node, field string) (ast.Node, bool) {
	start := node
	for range maxHops {
		switch n := node.(type) {
		case *ast.AnchorNode:
			d.anchors[n.Name.GetToken().Value] = n.Value
			node = n.Value
		case *ast.AliasNode:
			name := n.Value.GetToken().Value
			target, ok := d.anchors[name]
			if !ok {
				d.doc.addAt(n, field, "*%s: no &%s stands above it", name, name)
				return nil, false
			}
			node = target
		case *ast.TagNode:
			node = n.Value
		default:
			return node, true
		}
	}
	d.doc.addAt(start, field, "an alias that leads to itself")
	return nil, false
}

// text gives a scalar's text as the file has it: a number keeps its digits.
func text(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.MappingKeyNode:
		return text(n.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func kind(node ast.Node) string {
	switch node.(type) {
	case *ast.MappingNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	}
	return "a single value"
}

// fieldInfo is one key of a struct.
type fieldInfo struct {
	name  string
	index []int
}

func isNamed(name string) func(fieldInfo) bool {
	return func(f fieldInfo) bool { return f.name == name }
}

// fieldsOf lists a struct's keys, those of inlined structs among them.
func fieldsOf(t reflect.Type, parent []int) []fieldInfo {
	var fields []fieldInfo
	for i := range t.NumField() {
		f := t.Field(i)
		name, flags, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		index := append(slices.Clone(parent), i)
		switch {
		case name == "-" || !f.IsExported():
		case flags == "inline":
			fields = append(fields, fieldsOf(f.Type, index)...)
		case name == "":
			panic(fmt.Sprintf("strictyaml: %s.%s has no yaml tag", t, f.Name))
		default:
			fields = append(fields, fieldInfo{name, index})
		}
	}
	return fields
}

// keyField finds the field of a struct that takes the key of a mapping.
func keyField(t reflect.Type) ([]int, bool) {
	if t.Kind() != reflect.Struct {
		return nil, false
	}
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("strict") == "key" {
			return []int{i}, true
		}
	}
	return nil, false
}
