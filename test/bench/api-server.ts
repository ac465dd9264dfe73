// A process of its own: the in-memory API server, so that its work is not counted as the controller's.
import { writeFileSync } from 'node:fs';
import { startApiServer } from '../../src/playground/api-server/server.ts';

const [, , kubeconfig = ''] = process.argv;
const server = await startApiServer({ historyLimit: 1_000_000 });
writeFileSync(kubeconfig, server.kubeconfig());
process.send?.('ready');
