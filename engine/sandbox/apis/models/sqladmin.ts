import type { ApiModel } from './model.ts'

/** Cloud SQL (cloud.google.com/sql/docs/mysql/admin-api/rest/v1beta4). */
export const sqladmin: ApiModel = {
  verbs: {
    'DatabaseInstance.clone': { kind: 'create', id: 'body.cloneContext.destinationInstanceName', copies: true },
    'DatabaseInstance.failover': { kind: 'nothing' },
    'DatabaseInstance.promoteReplica': { kind: 'set', fields: { instanceType: '=CLOUD_SQL_INSTANCE' } },
    'DatabaseInstance.restart': { kind: 'nothing' },
    'DatabaseInstance.startReplica': { kind: 'set', fields: { state: '=RUNNABLE' } },
    'DatabaseInstance.stopReplica': { kind: 'set', fields: { state: '=STOPPED' } },
    'DatabaseInstance.truncateLog': { kind: 'nothing' },
  },
}
