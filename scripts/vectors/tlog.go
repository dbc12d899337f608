// Generates test vectors of RFC 6962's Merkle tree with Go's own implementation, which verifies Go's module checksum database:
// roots of growing lists of lines, and inclusion proofs of some of them. It checks its proofs with its own checker.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

type proof struct {
	Size  int64    `json:"size"`
	Index int64    `json:"index"`
	Path  []string `json:"path"`
}

type vectors struct {
	MadeBy string   `json:"madeBy"`
	How    string   `json:"how"`
	Lines  []string `json:"lines"`
	Roots  []string `json:"roots"`
	Proofs []proof  `json:"proofs"`
}

type store []tlog.Hash

func (s store) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		found[i] = s[at]
	}
	return found, nil
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

// Lines of all sorts: a log's own, empty, beyond ASCII, longer than a block of SHA-256.
func lines(count int) []string {
	all := []string{`{"prev":"00","seq":1}`, "", "a", "ä€😀", strings.Repeat("x", 200), "\x00\x01"}
	for n := len(all); n < count; n++ {
		all = append(all, fmt.Sprintf("line %d", n))
	}
	return all
}

func main() {
	out := vectors{
		MadeBy: fmt.Sprintf("golang.org/x/mod/sumdb/tlog of %s, %s", os.Args[1], runtime.Version()),
		How:    "npm run vectors: roots[n-1] is over the first n lines, all hashes are base64",
		Lines:  lines(100),
	}
	var hashes store
	for n, line := range out.Lines {
		hashes = append(hashes, must(tlog.StoredHashes(int64(n), []byte(line), hashes))...)
		out.Roots = append(out.Roots, must(tlog.TreeHash(int64(n)+1, hashes)).String())
	}
	for _, size := range []int64{1, 2, 3, 5, 7, 8, 13, 33, 64, 100} {
		root := must(tlog.TreeHash(size, hashes))
		last := int64(-1)
		for _, index := range []int64{0, 1, size / 2, size - 2, size - 1} {
			if index <= last || index >= size {
				continue
			}
			last = index
			path := must(tlog.ProveRecord(size, index, hashes))
			if err := tlog.CheckRecord(path, size, root, index, tlog.RecordHash([]byte(out.Lines[index]))); err != nil {
				must(0, err)
			}
			texts := []string{}
			for _, hash := range path {
				texts = append(texts, hash.String())
			}
			out.Proofs = append(out.Proofs, proof{size, index, texts})
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	must(0, encoder.Encode(out))
}
