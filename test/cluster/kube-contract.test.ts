import { kubeContract } from '../contracts/kube/contract.ts';
import { startRealApiServer } from './apiserver.ts';

// A control plane of its own: in the lab, webhooks and controllers of Knative and KEDA would answer too.
kubeContract('kube-apiserver', startRealApiServer);
