import { cloudkms } from './cloudkms.ts'
import { compute } from './compute.ts'
import { container } from './container.ts'
import { dns } from './dns.ts'
import type { ApiModel } from './model.ts'
import { pubsub } from './pubsub.ts'
import { servicenetworking } from './servicenetworking.ts'
import { sqladmin } from './sqladmin.ts'

/** The models by API. */
export const models: Record<string, ApiModel> = {
  aiplatform: { numbered: true, verbs: { 'NotebookRuntime.assign': { kind: 'create', id: 'body.notebookRuntimeId' } } },
  alloydb: {
    verbs: {
      'Cluster.createsecondary': { kind: 'create' },
      'Instance.createsecondary': { kind: 'create' },
      'Instance.failover': { kind: 'nothing' },
      'Instance.restart': { kind: 'nothing' },
    },
  },
  bigquerydatatransfer: { numbered: true },
  cloudkms,
  cloudscheduler: { verbs: { 'Job.run': { kind: 'nothing' } } },
  cloudtasks: { verbs: { 'Queue.purge': { kind: 'nothing' }, 'Task.run': { kind: 'nothing' } } },
  compute,
  container,
  datacatalog: { missing: 403 },
  dns,
  dataproc: { verbs: { 'Job.submit': { kind: 'create', id: 'body.job.reference.jobId' } } },
  orgpolicy: { numbered: true },
  privilegedaccessmanager: {
    verbs: {
      'Grant.approve': { kind: 'set', fields: { state: '=ACTIVE' } },
      'Grant.deny': { kind: 'set', fields: { state: '=DENIED' } },
      'Grant.revoke': { kind: 'set', fields: { state: '=REVOKED' } },
    },
  },
  iam: {
    stayDeleted: {
      Role: { deleted: true },
      WorkloadIdentityPool: { state: 'DELETED' },
      WorkloadIdentityPoolProvider: { state: 'DELETED' },
    },
    verbs: {
      'Role.undelete': { kind: 'set', fields: { deleted: '=' } },
    },
  },
  pubsub,
  redis: {
    verbs: {
      'Instance.failover': { kind: 'nothing' },
      'Instance.upgrade': { kind: 'set', fields: { redisVersion: 'body.redisVersion' } },
    },
  },
  run: { verbs: { 'Job.run': { kind: 'create', in: 'executions', type: 'Execution' } } },
  servicenetworking,
  sqladmin,
  vmwareengine: { heldByUse: ['VmwareEngineNetwork'], stayDeleted: { PrivateCloud: { state: 'DELETED' } } },
}
