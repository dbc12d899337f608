/** Every simulated method by service: the names that faults and the request log use. `web` is the services' own URLs. */
export const methods = {
  run: [
    'services.get',
    'services.list',
    'services.create',
    'services.replace',
    'services.delete',
    'services.getIamPolicy',
    'services.setIamPolicy',
    'services.testIamPermissions',
    'revisions.get',
    'revisions.list',
    'locations.list',
  ],
  secretmanager: [
    'secrets.get',
    'secrets.list',
    'secrets.create',
    'secrets.patch',
    'secrets.delete',
    'versions.add',
    'versions.get',
    'versions.list',
    'versions.access',
    'versions.enable',
    'versions.disable',
    'versions.destroy',
  ],
  iam: [
    'serviceAccounts.create',
    'serviceAccounts.get',
    'serviceAccounts.list',
    'serviceAccounts.patch',
    'serviceAccounts.delete',
    'serviceAccounts.enable',
    'serviceAccounts.disable',
    'keys.list',
    'keys.get',
    'keys.create',
    'keys.delete',
    'keys.disable',
    'keys.enable',
  ],
  cloudresourcemanager: [
    'projects.get',
    'projects.list',
    'projects.create',
    'projects.update',
    'projects.delete',
    'projects.undelete',
    'projects.getIamPolicy',
    'projects.setIamPolicy',
    'projects.testIamPermissions',
  ],
  serviceusage: [
    'services.get',
    'services.list',
    'services.enable',
    'services.batchEnable',
    'services.disable',
    'services.generateServiceIdentity',
  ],
  logging: ['entries.list'],
  github: ['runs.get'],
  web: ['get'],
} as const

/** A simulated service: the first label of its host in the sandbox, or `web`. */
export type Service = keyof typeof methods

/** A service whose callers send a token and get JSON. */
export type ApiService = Exclude<Service, 'web'>

/** One of Google's APIs. */
export type GoogleService = Exclude<ApiService, 'github'>

/** The name of a method of one service. */
export type MethodOf<Each extends Service> = (typeof methods)[Each][number]

/** The name of a method of any service. */
export type Method = MethodOf<Service>

/** The name of a method that changes nothing. */
export type ReadMethod = `${string}.${'get' | 'list' | 'access' | 'getIamPolicy' | 'testIamPermissions'}` | 'get'

const reads = /\.(get|list|aggregatedList|access|search|(get|test)[A-Z]\w*|list[A-Z]\w*)$|^get$/

/** Returns whether a method changes anything, by its name or by the id that the SDK gives it. */
export const mutates = (method: string): boolean => !reads.test(method)
