{{/* What both processes read. No Secret, no ConfigMap. */}}
{{- define "latchkey.readRules" -}}
# Who opted in, who exists with which uid, and which stores there are.
- apiGroups: ['']
  resources: [namespaces, serviceaccounts]
  verbs: [list, watch]
- apiGroups: [external-secrets.io]
  resources: [secretstores, clustersecretstores]
  verbs: [list, watch]
# What stands above a Pod: its annotations, and the revision that owns the Secret.
- apiGroups: [apps]
  resources: [replicasets, statefulsets, daemonsets, controllerrevisions]
  verbs: [get]
- apiGroups: [batch]
  resources: [jobs, cronjobs]
  verbs: [get]
{{- end -}}
