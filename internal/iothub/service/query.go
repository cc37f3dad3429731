package service

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// MaxQuery is how long a query may be, in bytes.
const MaxQuery = 8192

// pageRows is the most that the hub gives in a page.
const pageRows = 1000

// maxToken bounds the continuation token that goes back to the hub.
const maxToken = 16 << 10

// ErrStartAgain tells that the hub forgot where a query stood: its rows have to be read
// again from the first.
var ErrStartAgain = errors.New("the hub took back its place in the query's pages: start it again")

// Query hands every row of a query's answer to each, page by page, in constant memory; the
// row is each's only until it returns. page is told the rows so far after every page; nil
// means nobody is.
func (c *Client) Query(ctx context.Context, text string, each func(row []byte) error, page func(rows int)) error {
	if len(text) > MaxQuery {
		return fmt.Errorf("the query is %d bytes long: the hub takes %d. Make the condition shorter",
			len(text), MaxQuery)
	}
	token, rows := "", 0
	for first := true; first || token != ""; first = false {
		next, n, err := c.page(ctx, text, token, each)
		rows += n
		if token != "" && Status(err) == http.StatusBadRequest {
			return ErrStartAgain
		}
		if err != nil {
			return err
		}
		if page != nil {
			page(rows)
		}
		token = next
	}
	return nil
}

// page reads one page. Where it breaks off it is asked for again, and the rows that were
// handed on already are skipped.
func (c *Client) page(ctx context.Context, text, token string, each func([]byte) error) (next string, handed int,
	err error) {
	header := map[string]string{"x-ms-max-item-count": strconv.Itoa(pageRows)}
	if token != "" {
		header["x-ms-continuation"] = token
	}
	err = c.do(ctx, call{
		doing: "query", kind: KindQuery, need: rightQuery, method: http.MethodPost, path: "/devices/query",
		body: map[string]string{"query": text}, header: header, wait: pageWait, safe: true,
		read: func(resp *http.Response) error {
			next = resp.Header.Get("x-ms-continuation")
			if len(next) > maxToken {
				return giveUp{errors.New("the continuation token is longer than it may be")}
			}
			n := 0
			return Rows(resp.Body, func(row []byte) error {
				if n++; n <= handed {
					return nil
				}
				handed++
				if err := each(row); err != nil {
					return giveUp{err}
				}
				return nil
			})
		},
	})
	return next, handed, err
}
