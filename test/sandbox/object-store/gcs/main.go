// Command gcs serves Google Cloud Storage over TLS from memory, to whoever has the key of its service account.
package main

import (
	"flag"
	"log"
	"net/http"

	"github.com/fsouza/fake-gcs-server/fakestorage"
)

func main() {
	address := flag.String("address", "127.0.0.1:9000", "where to listen")
	bucket := flag.String("bucket", "backups", "bucket that is there from the start")
	certificate := flag.String("cert", "", "PEM file with the certificate")
	key := flag.String("key", "", "PEM file with its key")
	accountFile := flag.String("account", "", "JSON file with the key of the service account that may enter")
	flag.Parse()
	account, err := readAccount(*accountFile)
	if err != nil {
		log.Fatal(err)
	}
	storage, err := fakestorage.NewServerWithOptions(fakestorage.Options{NoListener: true})
	if err != nil {
		log.Fatal(err)
	}
	storage.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: *bucket})
	log.Fatal(http.ListenAndServeTLS(*address, *certificate, *key, newGate(account, storage.HTTPHandler())))
}
