// Started by the bench `collector`: one server that answers as the queue-proxies of all pods, on every loopback address.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bytesOf } from '../doubles/queue-proxies.ts';

const report = Buffer.from(
  bytesOf({ podName: 'pod', averageConcurrentRequests: 3.25, requestCount: 17, processUptime: 4711 }),
);
const server = createServer((_request, response) => {
  response.setHeader('content-type', 'application/protobuf').end(report);
});
server.keepAliveTimeout = 0;
server.listen(0, '0.0.0.0', 65_535, () => process.send?.((server.address() as AddressInfo).port));
