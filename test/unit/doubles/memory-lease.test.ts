import { leaseContract } from '../../contracts/lease.ts';
import { MemoryLease } from '../../doubles/memory-lease.ts';

leaseContract('the lease in memory', () => {
  const lease = new MemoryLease();
  return Promise.resolve([lease, lease]);
});
