import { isJsonObject, type JsonObject } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import type { ApiService, Method } from '../model/methods.ts'
import type { Project } from '../model/world.ts'
import { accountEmail } from './service-accounts.ts'

/** A mutating call, as far as its audit log name depends on it; `params` are its path parameters. */
export type ChangingCall = { service: ApiService; method: Method; params: Record<string, string>; body: JsonObject }

/** A call's name in the audit log: its method, resource name and monitored resource. */
export type AuditName = { methodName: string; resourceName: string; resource: { type: string; labels: JsonObject } }

/** Returns the audit log name of a call, as listed on its API's page on audit logging; each API names its resources differently. */
export function auditNameOf(project: Project, call: ChangingCall): AuditName {
  const { service, method, params } = call
  const { id, number } = project
  switch (service) {
    case 'run':
      return runName(project, call)
    case 'secretmanager': {
      const methodName = `google.cloud.secretmanager.v1.SecretManagerService.${own(SECRETS, method) ?? method}`
      const version = params.version === undefined ? '' : `/versions/${params.version}`
      const resourceName = `projects/${number}${params.secret === undefined ? '' : `/secrets/${params.secret}${version}`}`
      return { methodName, resourceName, resource: audited(id, service, methodName) }
    }
    case 'iam':
      return accountName(project, call)
    case 'cloudresourcemanager':
      return {
        methodName: 'SetIamPolicy',
        resourceName: `projects/${id}`,
        resource: { type: 'project', labels: { project_id: id } },
      }
    case 'serviceusage': {
      const methodName = 'google.api.serviceusage.v1.ServiceUsage.EnableService'
      const resourceName = `projects/${number}/services/${params.api}`
      return { methodName, resourceName, resource: audited(id, service, methodName) }
    }
    case 'logging':
    case 'github':
      throw new Error(`${service} has no method that changes anything`)
  }
}

const SECRETS: Record<string, string> = {
  'secrets.create': 'CreateSecret',
  'secrets.delete': 'DeleteSecret',
  'versions.add': 'AddSecretVersion',
  'versions.enable': 'EnableSecretVersion',
  'versions.disable': 'DisableSecretVersion',
  'versions.destroy': 'DestroySecretVersion',
}

const RUN: Record<string, string> = {
  'services.create': 'CreateService',
  'services.replace': 'ReplaceService',
  'services.delete': 'DeleteService',
  'services.setIamPolicy': 'SetIamPolicy',
}

const ACCOUNTS: Record<string, string> = {
  'serviceAccounts.create': 'CreateServiceAccount',
  'serviceAccounts.delete': 'DeleteServiceAccount',
  'serviceAccounts.enable': 'EnableServiceAccount',
  'serviceAccounts.disable': 'DisableServiceAccount',
}

const audited = (project: string, service: string, method: string) => ({
  type: 'audited_resource',
  labels: { method, project_id: project, service: `${service}.googleapis.com` },
})

/** Names a call of Cloud Run Admin API v1: resources under Knative's namespaces, except policies, which are under locations. */
function runName({ id, services }: Project, { method, params, body }: ChangingCall): AuditName {
  const named = params.service ?? (isJsonObject(body.metadata) ? String(body.metadata.name ?? '') : '')
  const location = services.get(named)?.region ?? params.location ?? ''
  return {
    methodName: `google.cloud.run.v1.Services.${own(RUN, method) ?? method}`,
    resourceName:
      method === 'services.setIamPolicy'
        ? `projects/${id}/locations/${location}/services/${named}`
        : `namespaces/${id}/services/${named}`,
    resource: {
      type: 'cloud_run_revision',
      labels: { configuration_name: '', location, project_id: id, revision_name: '', service_name: named },
    },
  }
}

/** Names a call about a service account: only the resource's labels name an account being created; later calls use its unique id. */
function accountName({ id, accounts }: Project, { method, params, body }: ChangingCall): AuditName {
  const given = method === 'serviceAccounts.create' ? accountEmail(String(body.accountId ?? ''), id) : params.email
  const account = [...accounts.values()].find(({ email, uniqueId }) => email === given || uniqueId === given)
  return {
    methodName: `google.iam.admin.v1.${own(ACCOUNTS, method) ?? method}`,
    resourceName:
      method === 'serviceAccounts.create'
        ? `projects/${id}`
        : `projects/-/serviceAccounts/${account?.uniqueId ?? params.email}`,
    resource: {
      type: 'service_account',
      labels: { email_id: account?.email ?? given ?? '', project_id: id, unique_id: account?.uniqueId ?? '' },
    },
  }
}
