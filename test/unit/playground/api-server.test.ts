import { startApiServer } from '../../../src/playground/api-server/server.ts';
import { kubeContract } from '../../contracts/kube/contract.ts';

kubeContract('the API server in memory', async () => {
  const server = await startApiServer();
  return {
    kubeconfig: server.kubeconfig(),
    expireHistory: () => server.expireHistory(),
    sendBookmarks: () => server.sendBookmarks(),
    stop: () => server.stop(),
  };
});
