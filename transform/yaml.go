package transform

import "github.com/goccy/go-yaml/ast"

// UnmarshalYAML reads a column either as a plain string, the short form of from, or as a mapping. Unknown
// keys are errors where the decoder is strict.
func (c *ColumnSpec) UnmarshalYAML(decode func(any) error) error {
	if err := keepTexts(decode); err != nil {
		return err
	}
	var short any
	if err := decode(&short); err != nil {
		return err
	}
	if from, ok := short.(string); ok {
		*c = ColumnSpec{From: from}
		return nil
	}
	type plain ColumnSpec // without this method
	return decode((*plain)(c))
}

// UnmarshalYAML reads a condition, its numbers as they are written.
func (c *Condition) UnmarshalYAML(decode func(any) error) error {
	if err := keepTexts(decode); err != nil {
		return err
	}
	type plain Condition
	return decode((*plain)(c))
}

// keepTexts makes go-yaml read what is about to be decoded as the texts that are written there. Left alone, it
// takes 007 for 7, sends 0.180 through a float, and silently gives up a struct that has a bare null for a key.
func keepTexts(decode func(any) error) error {
	var node ast.Node
	if err := decode(&node); err != nil {
		return err
	}
	textNode(node)
	return nil
}

func textNode(node ast.Node) ast.Node {
	switch n := node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return ast.String(n.GetToken())
	case *ast.AnchorNode:
		n.Value = textNode(n.Value)
	case *ast.SequenceNode:
		for i, v := range n.Values {
			n.Values[i] = textNode(v)
		}
	case *ast.MappingNode:
		for _, v := range n.Values {
			textNode(v)
		}
	case *ast.MappingValueNode:
		if key, ok := n.Key.(ast.ScalarNode); ok && !n.Key.IsMergeKey() {
			n.Key = ast.String(key.GetToken())
		}
		n.Value = textNode(n.Value)
	}
	return node
}
