import type { ApiModel } from './model.ts'

/** Compute Engine (cloud.google.com/compute/docs/reference/rest/v1). */
export const compute: ApiModel = {
  defaults: {
    Instance: { metadata: { kind: 'compute#metadata' }, tags: {} },
    InstanceGroupManager: { status: { isStable: true } },
    Network: { routingConfig: { bgpBestPathSelectionMode: 'LEGACY', routingMode: 'REGIONAL' } },
    Subnetwork: {
      ...{ allowSubnetCidrRoutesOverlap: false, enableFlowLogs: false, privateIpGoogleAccess: false },
      ...{ privateIpv6GoogleAccess: 'DISABLE_GOOGLE_ACCESS', purpose: 'PRIVATE', stackType: 'IPV4_ONLY' },
    },
  },
  heldByUse: [
    ...['BackendBucket', 'BackendService', 'Disk', 'HealthCheck', 'InstanceTemplate', 'Network', 'SecurityPolicy'],
    ...['SslCertificate', 'Subnetwork', 'TargetHttpProxy', 'TargetHttpsProxy', 'TargetPool', 'TargetSslProxy'],
    ...['TargetTcpProxy', 'UrlMap'],
  ],
  standing: {
    Image: { name: /^projects\/[a-z-]+-cloud\/global\/images\/.+$/, value: { status: 'READY', sourceType: 'RAW' } },
    Region: { name: /^projects\/[^/]+\/regions\/[a-z]+-[a-z]+\d+$/, value: { status: 'UP' } },
    Zone: { name: /^projects\/[^/]+\/zones\/[a-z]+-[a-z]+\d+-[a-f]$/, value: { status: 'UP' } },
  },
  verbs: {
    'BackendService.getHealth': { kind: 'answer', value: { kind: 'compute#backendServiceGroupHealth' } },
    'Disk.createSnapshot': { kind: 'create', in: 'global/snapshots', type: 'Snapshot', link: 'sourceDisk' },
    'Disk.resize': { kind: 'set', fields: { sizeGb: 'body.sizeGb' } },
    'Image.deprecate': { kind: 'set', fields: { deprecated: 'body' } },
    'Instance.attachDisk': { kind: 'add', list: 'disks', key: 'deviceName', named: 'persistent-disk-' },
    'Instance.detachDisk': { kind: 'remove', list: 'disks', key: 'deviceName' },
    'Instance.performMaintenance': { kind: 'nothing' },
    'Instance.sendDiagnosticInterrupt': { kind: 'nothing' },
    'Instance.setDeletionProtection': { kind: 'set', fields: { deletionProtection: 'query.deletionProtection' } },
    'Instance.simulateMaintenanceEvent': { kind: 'nothing' },
    'InstanceGroupManager.applyUpdatesToInstances': { kind: 'nothing' },
    'InstanceGroupManager.recreateInstances': { kind: 'nothing' },
    'InstanceGroupManager.resize': { kind: 'set', fields: { targetSize: 'query.size' } },
    'Subnetwork.expandIpCidrRange': { kind: 'set', fields: { ipCidrRange: 'body.ipCidrRange' } },
    'UrlMap.invalidateCache': { kind: 'nothing' },
  },
}
