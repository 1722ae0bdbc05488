// A second reader of our logs, made of Go's own implementation of notes and transparency logs (golang.org/x/mod/sumdb).
//
// It reads lines of JSON, one question each, and answers each with a line of JSON. Answers are held back until an empty
// line comes or the input ends, so that whoever asks may write many questions before reading. Nothing of skycommons is in it.
//
// Build it as Debian packages Go, without modules:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build -o peer peer.go
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8 // of a tile

type question struct {
	Kind   string   `json:"kind"`
	Folder string   `json:"folder"`
	Keys   []string `json:"keys"`
	Text   []byte   `json:"text"`
	Key    string   `json:"key"`
	Path   string   `json:"path"`
	Leaf   []byte   `json:"leaf"`
	Index  int64    `json:"index"`
	Size   int64    `json:"size"`
	Old    int64    `json:"old"`
	Root   []byte   `json:"root"`
	Before []byte   `json:"before"`
	Proof  [][]byte `json:"proof"`
}

type answer struct {
	Fault   string   `json:"fault"`
	Text    []byte   `json:"text,omitempty"`
	Signers []string `json:"signers,omitempty"`
	Size    int64    `json:"size"`
	Root    []byte   `json:"root,omitempty"`
	Proof   [][]byte `json:"proof,omitempty"`
	Level   int      `json:"level"`
	Index   int64    `json:"index"`
	Width   int      `json:"width"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	var out bytes.Buffer
	var opened *folder
	for {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var asked question
			var given answer
			if fault := json.Unmarshal(line, &asked); fault != nil {
				given.Fault = "question: " + fault.Error()
			} else {
				given, opened = answered(asked, opened)
			}
			encoded, fault := json.Marshal(given)
			if fault != nil {
				fmt.Fprintln(os.Stderr, fault)
				os.Exit(1)
			}
			out.Write(append(encoded, '\n'))
		} else if _, fault := out.WriteTo(os.Stdout); fault != nil {
			os.Exit(1)
		}
		if err == io.EOF {
			out.WriteTo(os.Stdout)
			return
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func answered(asked question, opened *folder) (answer, *folder) {
	var given answer
	var err error
	switch asked.Kind {
	case "open": // read a whole log folder: signature, root, every tile and every entry
		opened, err = open(asked.Folder, asked.Keys)
		if err == nil {
			given.Size, given.Root = opened.tree.N, opened.tree.Hash[:]
		}
	case "prove-inclusion":
		var proof tlog.RecordProof
		if opened == nil {
			err = errors.New("no log is open")
		} else if proof, err = tlog.ProveRecord(opened.tree.N, asked.Index, opened.reader); err == nil {
			given.Proof = bytesOf(proof)
		}
	case "prove-consistency":
		var proof tlog.TreeProof
		if opened == nil {
			err = errors.New("no log is open")
		} else if proof, err = tlog.ProveTree(opened.tree.N, asked.Old, opened.reader); err == nil {
			given.Proof = bytesOf(proof)
		}
	case "inclusion":
		var hashes []tlog.Hash
		if hashes, err = hashesOf(append(asked.Proof, asked.Root, asked.Leaf)); err == nil {
			count := len(asked.Proof)
			err = tlog.CheckRecord(hashes[:count], asked.Size, hashes[count], asked.Index, hashes[count+1])
		}
	case "consistency":
		var hashes []tlog.Hash
		if hashes, err = hashesOf(append(asked.Proof, asked.Root, asked.Before)); err == nil {
			count := len(asked.Proof)
			err = tlog.CheckTree(hashes[:count], asked.Size, hashes[count], asked.Old, hashes[count+1])
		}
	case "note":
		var read *note.Note
		if read, err = openNote(asked.Text, asked.Keys); err == nil {
			given.Text = []byte(read.Text)
			for _, signature := range read.Sigs {
				given.Signers = append(given.Signers, fmt.Sprintf("%s+%08x", signature.Name, signature.Hash))
			}
		}
	case "key":
		var verifier note.Verifier
		if verifier, err = note.NewVerifier(asked.Key); err == nil {
			given.Signers = []string{fmt.Sprintf("%s+%08x", verifier.Name(), verifier.KeyHash())}
		}
	case "sign":
		var signer note.Signer
		if signer, err = note.NewSigner(asked.Key); err == nil {
			given.Text, err = note.Sign(&note.Note{Text: string(asked.Text)}, signer)
		}
	case "head":
		var tree tlog.Tree
		if tree, err = head(string(asked.Text)); err == nil {
			given.Size, given.Root = tree.N, tree.Hash[:]
		}
	case "path":
		var tile tlog.Tile
		if tile, err = parsePath(asked.Path); err == nil {
			given.Level, given.Index, given.Width = tile.L, tile.N, tile.W
		}
	default:
		err = errors.New("no such question: " + asked.Kind)
	}
	if err != nil {
		given.Fault = fault(err)
	}
	return given, opened
}

// fault names the kind of an error where it matters, in a word at the beginning.
func fault(err error) string {
	var wrong *note.InvalidSignatureError
	var unsigned *note.UnverifiedNoteError
	switch {
	case errors.As(err, &wrong):
		return "wrong: " + err.Error()
	case errors.As(err, &unsigned):
		return "unsigned: " + err.Error()
	case strings.Contains(err.Error(), "verifier"):
		return "key: " + err.Error()
	}
	return err.Error()
}

func openNote(text []byte, keys []string) (*note.Note, error) {
	var known []note.Verifier
	for _, key := range keys {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			return nil, err
		}
		known = append(known, verifier)
	}
	return note.Open(text, note.VerifierList(known...))
}

// head reads a checkpoint. Go's reader knows one origin; ours stands in its place.
func head(text string) (tlog.Tree, error) {
	end := strings.Index(text, "\n")
	if end < 1 {
		return tlog.Tree{}, errors.New("no origin")
	}
	return tlog.ParseTree([]byte("go.sum database tree" + text[end:]))
}

// parsePath reads a path of C2SP tlog-tiles, which leaves the height out and calls the entries "entries".
func parsePath(path string) (tlog.Tile, error) {
	rest := strings.TrimPrefix(path, "tile/")
	if rest == path || strings.HasPrefix(rest, "data/") {
		return tlog.Tile{}, errors.New("not under tile/")
	}
	if entries := strings.TrimPrefix(rest, "entries/"); entries != rest {
		rest = "data/" + entries
	}
	return tlog.ParseTilePath(fmt.Sprintf("tile/%d/%s", height, rest))
}

// pathOf writes one.
func pathOf(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
	if tile.L == -1 {
		path = "entries/" + strings.TrimPrefix(path, "data/")
	}
	return "tile/" + path
}

func bytesOf(hashes []tlog.Hash) [][]byte {
	var given [][]byte
	for _, hash := range hashes {
		given = append(given, append([]byte(nil), hash[:]...))
	}
	return given
}

func hashesOf(values [][]byte) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, value := range values {
		var hash tlog.Hash
		if len(value) != tlog.HashSize {
			return nil, errors.New("a hash of " + strconv.Itoa(len(value)) + " bytes")
		}
		copy(hash[:], value)
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

// A folder is a log on disk, as any web server would serve it.
type folder struct {
	place  string
	tree   tlog.Tree
	reader tlog.HashReader
}

func (f *folder) Height() int { return height }

func (f *folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(f.place, pathOf(tile)))
		if err != nil {
			return nil, err
		}
		read = append(read, data)
	}
	return read, nil
}

func (f *folder) SaveTiles([]tlog.Tile, [][]byte) {}

// open reads the checkpoint, checks the root against the tiles, and each tile and entry against a tree made of the entries.
func open(place string, keys []string) (*folder, error) {
	signed, err := os.ReadFile(filepath.Join(place, "checkpoint"))
	if err != nil {
		return nil, err
	}
	read, err := openNote(signed, keys)
	if err != nil {
		return nil, err
	}
	tree, err := head(read.Text)
	if err != nil {
		return nil, err
	}
	opened := &folder{place: place, tree: tree}
	opened.reader = tlog.TileHashReader(tree, opened)
	if tree.N == 0 {
		// Go's own TreeHash(0) is a hash of zeros, which RFC 6962 does not have.
		if sha256.Sum256(nil) != tree.Hash {
			return nil, errors.New("an empty log has another root")
		}
		return opened, nil
	}
	root, err := tlog.TreeHash(tree.N, opened.reader)
	if err != nil {
		return nil, err
	}
	if root != tree.Hash {
		return nil, errors.New("the tiles lead to another root")
	}
	return opened, opened.rebuild()
}

// rebuild makes the tree anew from the entries and compares every tile.
func (f *folder) rebuild() error {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(places []int64) ([]tlog.Hash, error) {
		var hashes []tlog.Hash
		for _, place := range places {
			hashes = append(hashes, stored[place])
		}
		return hashes, nil
	})
	var count int64
	tiles := widest(tlog.NewTiles(height, 0, f.tree.N))
	for _, tile := range tiles {
		if tile.L != 0 {
			continue
		}
		beside := tile
		beside.L = -1
		data, err := os.ReadFile(filepath.Join(f.place, pathOf(beside)))
		if err != nil {
			return err
		}
		for number := 0; number < tile.W; number++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return errors.New(pathOf(beside) + " is cut off")
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			hashes, err := tlog.StoredHashes(count, data[2:end], reader)
			if err != nil {
				return err
			}
			stored, data, count = append(stored, hashes...), data[end:], count+1
		}
		if len(data) != 0 {
			return errors.New(pathOf(beside) + " has more than its entries")
		}
	}
	for _, tile := range tiles {
		want, err := tlog.ReadTileData(tile, reader)
		if err != nil {
			return err
		}
		have, err := os.ReadFile(filepath.Join(f.place, pathOf(tile)))
		if err != nil {
			return err
		}
		if !bytes.Equal(want, have) {
			return errors.New(pathOf(tile) + " is not what the entries make: " + base64.StdEncoding.EncodeToString(want[:32]))
		}
	}
	return nil
}

// widest keeps of each place the widest tile: Go lists all partial ones that a log of that size ever had.
func widest(tiles []tlog.Tile) []tlog.Tile {
	var kept []tlog.Tile
	for _, tile := range tiles {
		last := len(kept) - 1
		if last >= 0 && kept[last].L == tile.L && kept[last].N == tile.N {
			kept[last] = tile
		} else {
			kept = append(kept, tile)
		}
	}
	return kept
}
