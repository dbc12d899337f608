import type { ApiModel } from './model.ts'

/** Google Kubernetes Engine (cloud.google.com/kubernetes-engine/docs/reference/rest). */
export const container: ApiModel = {
  children: {
    Cluster: [{ collection: 'nodePools', id: 'default-pool', type: 'NodePool', value: {}, unless: 'nodePools' }],
  },
  defaults: {
    Cluster: {
      ...{ endpoint: '203.0.113.10', currentMasterVersion: '1.30.5-gke.1000', currentNodeVersion: '1.30.5-gke.1000' },
      ...{ loggingService: 'logging.googleapis.com/kubernetes', network: 'default', subnetwork: 'default' },
      ...{ masterAuth: { clusterCaCertificate: '' }, monitoringService: 'monitoring.googleapis.com/kubernetes' },
    },
  },
  shortNames: { Cluster: ['name', 'network', 'subnetwork'], NodePool: ['name'] },
  verbs: {
    'Cluster.completeIpRotation': { kind: 'nothing' },
    'Cluster.startIpRotation': { kind: 'nothing' },
    'NodePool.setSize': { kind: 'set', fields: { initialNodeCount: 'body.nodeCount' } },
  },
}
