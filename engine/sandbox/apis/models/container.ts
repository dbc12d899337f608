import type { ApiModel } from './model.ts'

/** Google Kubernetes Engine (cloud.google.com/kubernetes-engine/docs/reference/rest). */
export const container: ApiModel = {
  children: {
    Cluster: [{ collection: 'nodePools', id: 'default-pool', type: 'NodePool', value: {}, unless: 'nodePools' }],
  },
  shortNames: { Cluster: ['name', 'network', 'subnetwork'], NodePool: ['name'] },
  verbs: {
    'Cluster.completeIpRotation': { kind: 'nothing' },
    'Cluster.startIpRotation': { kind: 'nothing' },
    'NodePool.setSize': { kind: 'set', fields: { initialNodeCount: 'body.nodeCount' } },
  },
}
