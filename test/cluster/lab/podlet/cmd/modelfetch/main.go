// modelfetch BUCKET PATH DIR: the image of an init container that downloads a model. BUCKET is the URL of an HTTP server, which wants the
// token in MODEL_TOKEN; what is at PATH becomes a file in DIR.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
)

func main() {
	if err := fetch(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func fetch(bucket, name, dir string) error {
	request, err := http.NewRequest("GET", bucket+"/"+name, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("MODEL_TOKEN"))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", request.URL, answer.Status)
	}
	file, err := os.Create(path.Join(dir, path.Base(name)))
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, answer.Body); err != nil {
		return err
	}
	return file.Close()
}
