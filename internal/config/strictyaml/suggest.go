package strictyaml

import "strings"

// suggest names the known key that is nearest to a misspelt one, or all of them where none is near.
func suggest(key string, known []fieldInfo) string {
	names := make([]string, len(known))
	for i, f := range known {
		names[i] = f.name
	}
	if best := Nearest(key, names); best != "" {
		return "did you mean " + best + "?"
	}
	return "known here: " + strings.Join(names, ", ")
}

// Nearest gives the known name that a misspelt one is likely to stand for, empty where none is near.
func Nearest(name string, known []string) string {
	best, distance := "", 1+max(1, len(name)/3)
	for _, k := range known {
		if n := edits(strings.ToLower(name), k); n < distance {
			best, distance = k, n
		}
	}
	return best
}

// edits counts the letters to insert, remove, replace, or swap with their neighbour, to turn a into b.
func edits(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			replaced := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			rows[i][j] = min(replaced, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
