// A program as kubebuilder makes them: a manager with a cache, an elected leader, and a reconciler of a kind of its own with
// finalizer, owned objects and status. It checks what it sees and prints a line of JSON for each check.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const (
	namespace = "controller-runtime"
	finalizer = "clients.example.org/cleaned"
	patience  = 30 * time.Second
)

// Kite is the kind that the program serves.
type Kite struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              KiteSpec   `json:"spec,omitempty"`
	Status            KiteStatus `json:"status,omitempty"`
}

type KiteSpec struct {
	Color string `json:"color,omitempty"`
	Tails int    `json:"tails,omitempty"`
}

type KiteStatus struct {
	ObservedGeneration int64              `json:"observedGeneration,omitempty"`
	Conditions         []metav1.Condition `json:"conditions,omitempty"`
}

type KiteList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Kite `json:"items"`
}

func (k *Kite) DeepCopyObject() runtime.Object     { return copied(k, &Kite{}) }
func (l *KiteList) DeepCopyObject() runtime.Object { return copied(l, &KiteList{}) }

func copied[T any](from, to *T) *T {
	text, err := json.Marshal(from)
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		panic(err)
	}
	return to
}

var groupVersion = schema.GroupVersion{Group: "clients.example.org", Version: "v1"}

func definition() *apiextensionsv1.CustomResourceDefinition {
	open := true
	properties := map[string]apiextensionsv1.JSONSchemaProps{
		"spec": {
			Type: "object",
			Properties: map[string]apiextensionsv1.JSONSchemaProps{
				"color": {Type: "string", Default: &apiextensionsv1.JSON{Raw: []byte(`"red"`)}},
				"tails": {Type: "integer"},
			},
		},
		"status": {Type: "object", XPreserveUnknownFields: &open},
	}
	return &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "kites.clients.example.org"},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: groupVersion.Group,
			Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Kind: "Kite", ListKind: "KiteList", Plural: "kites", Singular: "kite"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: "v1", Served: true, Storage: true,
				Subresources: &apiextensionsv1.CustomResourceSubresources{Status: &apiextensionsv1.CustomResourceSubresourceStatus{}},
				Schema:       &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{Type: "object", Properties: properties}},
			}},
		},
	}
}

type reconciler struct {
	client.Client
	mutex   sync.Mutex
	cleaned []string
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	kite := &Kite{}
	if err := r.Get(ctx, request.NamespacedName, kite); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !kite.DeletionTimestamp.IsZero() {
		if controllerutil.RemoveFinalizer(kite, finalizer) {
			r.mutex.Lock()
			r.cleaned = append(r.cleaned, kite.Name)
			r.mutex.Unlock()
			return ctrl.Result{}, client.IgnoreNotFound(r.Update(ctx, kite))
		}
		return ctrl.Result{}, nil
	}
	if controllerutil.AddFinalizer(kite, finalizer) {
		return ctrl.Result{}, r.Update(ctx, kite)
	}
	config := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: kite.Namespace, Name: kite.Name}}
	_, err := controllerutil.CreateOrUpdate(ctx, r.Client, config, func() error {
		config.Data = map[string]string{"color": kite.Spec.Color}
		return controllerutil.SetControllerReference(kite, config, r.Scheme())
	})
	if err != nil {
		return ctrl.Result{}, err
	}
	before := kite.DeepCopyObject().(*Kite)
	kite.Status.ObservedGeneration = kite.Generation
	meta.SetStatusCondition(&kite.Status.Conditions, metav1.Condition{
		Type: "Ready", Status: metav1.ConditionTrue, Reason: "Flies", ObservedGeneration: kite.Generation,
	})
	return ctrl.Result{}, r.Status().Patch(ctx, kite, client.MergeFrom(before))
}

// contentTypes counts what is sent for built-in kinds.
type contentTypes struct {
	next  http.RoundTripper
	mutex sync.Mutex
	seen  map[string]int
}

func (c *contentTypes) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := c.next.RoundTrip(request)
	if err == nil && strings.HasPrefix(request.URL.Path, "/api/v1/") {
		c.mutex.Lock()
		c.seen["sent "+request.Header.Get("Content-Type")]++
		c.seen["got "+strings.Split(response.Header.Get("Content-Type"), ";")[0]]++
		c.mutex.Unlock()
	}
	return response, err
}

func check(name string, act func() error) {
	result := map[string]string{"name": name}
	if err := act(); err != nil {
		result["failure"] = err.Error()
	}
	line, _ := json.Marshal(result)
	fmt.Println(string(line))
}

func eventually(act func() error) error {
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		err := act()
		if err == nil || time.Now().After(end) {
			return err
		}
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	log.SetLogger(logr.Discard())
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	must(apiextensionsv1.AddToScheme(scheme.Scheme))
	scheme.Scheme.AddKnownTypes(groupVersion, &Kite{}, &KiteList{})
	metav1.AddToGroupVersion(scheme.Scheme, groupVersion)

	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	must(err)
	types_ := &contentTypes{seen: map[string]int{}}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { types_.next = next; return types_ })
	direct, err := client.New(config, client.Options{})
	must(err)
	must(direct.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}))
	must(direct.Create(ctx, definition()))
	must(eventually(func() error { return direct.List(ctx, &KiteList{}) }))

	r := &reconciler{}
	start := func(ctx context.Context, name string) (ctrl.Manager, chan error) {
		manager, err := ctrl.NewManager(rest.CopyConfig(config), ctrl.Options{
			Metrics:                       server.Options{BindAddress: "0"},
			LeaderElection:                true,
			LeaderElectionID:              "kites",
			LeaderElectionNamespace:       namespace,
			LeaderElectionReleaseOnCancel: true,
		})
		must(err)
		r.Client = manager.GetClient()
		builder := ctrl.NewControllerManagedBy(manager).Named(name).For(&Kite{}).Owns(&corev1.ConfigMap{})
		must(builder.Complete(r))
		must(manager.GetFieldIndexer().IndexField(ctx, &Kite{}, "spec.color", func(object client.Object) []string {
			return []string{object.(*Kite).Spec.Color}
		}))
		ended := make(chan error, 1)
		go func() { ended <- manager.Start(ctx) }()
		return manager, ended
	}
	firstCtx, stopFirst := context.WithCancel(ctx)
	manager, firstEnded := start(firstCtx, "first")
	key := types.NamespacedName{Namespace: namespace, Name: "k"}

	check("leader election takes a Lease", func() error {
		return eventually(func() error {
			lease := &coordinationv1.Lease{}
			if err := direct.Get(ctx, types.NamespacedName{Namespace: namespace, Name: "kites"}, lease); err != nil {
				return err
			}
			if lease.Spec.HolderIdentity == nil || *lease.Spec.HolderIdentity == "" {
				return errors.New("nobody holds it")
			}
			return nil
		})
	})

	check("reconciled: finalizer, owned object, status with conditions", func() error {
		if err := direct.Create(ctx, &Kite{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "k"}, Spec: KiteSpec{Tails: 2}}); err != nil {
			return err
		}
		return eventually(func() error {
			kite, config := &Kite{}, &corev1.ConfigMap{}
			if err := errors.Join(direct.Get(ctx, key, kite), direct.Get(ctx, key, config)); err != nil {
				return err
			}
			ready := meta.IsStatusConditionTrue(kite.Status.Conditions, "Ready")
			if !controllerutil.ContainsFinalizer(kite, finalizer) || !ready || config.Data["color"] != "red" || kite.Generation != 1 {
				return fmt.Errorf("%+v %+v", kite, config)
			}
			return nil
		})
	})

	check("an owned object that somebody deletes is made again", func() error {
		config := &corev1.ConfigMap{}
		if err := direct.Get(ctx, key, config); err != nil {
			return err
		}
		uid := config.UID
		if err := direct.Delete(ctx, config, client.Preconditions{UID: &uid}); err != nil {
			return err
		}
		return eventually(func() error {
			again := &corev1.ConfigMap{}
			if err := direct.Get(ctx, key, again); err != nil {
				return err
			}
			if again.UID == uid {
				return errors.New("still the old one")
			}
			return nil
		})
	})

	check("the cache answers by index and label, and follows changes", func() error {
		kite := &Kite{}
		if err := direct.Get(ctx, key, kite); err != nil {
			return err
		}
		before := kite.DeepCopyObject().(*Kite)
		kite.Spec.Color, kite.Labels = "blue", map[string]string{"size": "big"}
		if err := direct.Patch(ctx, kite, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
			return err
		}
		return eventually(func() error {
			list := &KiteList{}
			err := manager.GetCache().List(ctx, list, client.MatchingFields{"spec.color": "blue"}, client.MatchingLabels{"size": "big"})
			if err == nil && (len(list.Items) != 1 || list.Items[0].Status.ObservedGeneration != 2) {
				return fmt.Errorf("%+v", list.Items)
			}
			return err
		})
	})

	check("a stale write is a conflict", func() error {
		one, other := &Kite{}, &Kite{}
		if err := errors.Join(direct.Get(ctx, key, one), direct.Get(ctx, key, other)); err != nil {
			return err
		}
		one.Annotations = map[string]string{"a": "1"}
		if err := direct.Update(ctx, one); err != nil {
			return err
		}
		other.Annotations = map[string]string{"a": "2"}
		if err := direct.Update(ctx, other); !apierrors.IsConflict(err) {
			return fmt.Errorf("no conflict: %v", err)
		}
		return nil
	})

	check("server-side apply of a built-in kind, and its conflict", func() error {
		secret := func(value string) *corev1.Secret {
			return &corev1.Secret{
				TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
				ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "applied"},
				StringData: map[string]string{"a": value},
			}
		}
		if err := direct.Patch(ctx, secret("1"), client.Apply, client.FieldOwner("one")); err != nil { //nolint
			return err
		}
		other := secret("1")
		other.StringData, other.Data = nil, map[string][]byte{"a": []byte("2")}
		return direct.Patch(ctx, other, client.Apply, client.FieldOwner("one"), client.ForceOwnership) //nolint
	})

	check("lists in pages", func() error {
		for i := range 25 {
			config := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, GenerateName: "page-", Labels: map[string]string{"i": fmt.Sprint(i % 5)}}}
			if err := direct.Create(ctx, config); err != nil {
				return err
			}
		}
		found, token := 0, ""
		for {
			list := &corev1.ConfigMapList{}
			err := direct.List(ctx, list, client.InNamespace(namespace), client.HasLabels{"i"}, client.Limit(10), client.Continue(token))
			if err != nil {
				return err
			}
			found += len(list.Items)
			if token = list.Continue; token == "" {
				break
			}
		}
		if found != 25 {
			return fmt.Errorf("%d of 25", found)
		}
		return direct.DeleteAllOf(ctx, &corev1.ConfigMap{}, client.InNamespace(namespace), client.HasLabels{"i"})
	})

	check("built-in kinds are sent and got as protobuf", func() error {
		types_.mutex.Lock()
		defer types_.mutex.Unlock()
		for _, each := range []string{"sent ", "got "} {
			if types_.seen[each+"application/vnd.kubernetes.protobuf"] == 0 {
				return fmt.Errorf("%v", types_.seen)
			}
		}
		return nil
	})

	secondCtx, stopSecond := context.WithCancel(ctx)
	_, secondEnded := start(secondCtx, "second")
	check("a second manager takes over when the first ends", func() error {
		stopFirst()
		if err := <-firstEnded; err != nil {
			return err
		}
		if err := direct.Create(ctx, &Kite{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "late"}}); err != nil {
			return err
		}
		return eventually(func() error {
			return direct.Get(ctx, types.NamespacedName{Namespace: namespace, Name: "late"}, &corev1.ConfigMap{})
		})
	})

	check("deletion: the finalizer runs, and garbage collection takes what was owned", func() error {
		if err := direct.Delete(ctx, &Kite{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "k"}}, client.PropagationPolicy(metav1.DeletePropagationBackground)); err != nil {
			return err
		}
		return eventually(func() error {
			for _, object := range []client.Object{&Kite{}, &corev1.ConfigMap{}} {
				if err := direct.Get(ctx, key, object); !apierrors.IsNotFound(err) {
					return fmt.Errorf("%T is still there: %v", object, err)
				}
			}
			r.mutex.Lock()
			defer r.mutex.Unlock()
			if len(r.cleaned) != 1 {
				return fmt.Errorf("cleaned %v", r.cleaned)
			}
			return nil
		})
	})

	check("both managers end well", func() error {
		stopSecond()
		return <-secondEnded
	})
}
