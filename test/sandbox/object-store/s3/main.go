// Command s3 serves S3 over TLS from memory: a server that pgBackRest can be tried against.
package main

import (
	"flag"
	"log"
	"net/http"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

func main() {
	address := flag.String("address", "127.0.0.1:9000", "where to listen")
	bucket := flag.String("bucket", "backups", "bucket that is there from the start")
	certificate := flag.String("cert", "", "PEM file with the certificate")
	key := flag.String("key", "", "PEM file with its key")
	flag.Parse()
	backend := s3mem.New()
	if err := backend.CreateBucket(*bucket); err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServeTLS(*address, *certificate, *key, gofakes3.New(backend).Server()))
}
