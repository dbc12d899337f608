import { parseDuration } from '../base/duration.ts'
import type { Argument } from './argument.ts'
import { commandOf } from './command.ts'

/**
 * How long a changing command may take: `timeout`, before it is ended; `settle`, until its effect can be read once it has
 * ended; `longest`, until nothing of a request that was sent can take effect any more, where nothing says that it is over.
 */
export type OperationTimes = { timeout: string; settle: string; longest: string }

/** How an API lists the operations that are or were under way on a resource: the reading command, and what each kind of entry has. */
export type OperationList =
  | { form: 'sql'; types: Readonly<Record<string, string>> }
  | { form: 'container'; types: Readonly<Record<string, string>> }
  | { form: 'compute'; types: Readonly<Record<string, string>> }
  | { form: 'long-running'; group: string; place: 'region' | 'location' }

type Row = OperationTimes & { group: string; operations?: OperationList }

/** What a synchronous API takes. Google publishes no bound: gcloud gives one request up to 300 s (core/transport.py), and ten minutes for retries and propagation (IAM's documentation: "7 minutes or more") come on top. */
const SYNCHRONOUS: OperationTimes = { timeout: '3m', settle: '30s', longest: '15m' }

/**
 * The closed table, by the groups that a command begins with; the first row that fits counts. `timeout` is what gcloud 528.0.0
 * itself waits for the operation and a little more, so that it can say itself how it ended.
 */
const ROWS: Row[] = [
  {
    // gcloud waits 600 s (api_lib/sql/operations.py) and then says that the operation goes on.
    ...{ group: 'sql', timeout: '12m', settle: '10m', longest: '2h' },
    operations: {
      form: 'sql',
      // https://cloud.google.com/sql/docs/postgres/admin-api/rest/v1/operations#sqloperationtype
      types: {
        'instances patch': 'UPDATE',
        'instances restart': 'RESTART',
        'instances create': 'CREATE',
        'instances clone': 'CLONE',
        'instances delete': 'DELETE',
        'instances failover': 'FAILOVER',
        'instances promote-replica': 'PROMOTE_REPLICA',
        'instances switchover': 'SWITCHOVER',
        'databases create': 'CREATE_DATABASE',
        'databases delete': 'DELETE_DATABASE',
        'databases patch': 'UPDATE_DATABASE',
        'users create': 'CREATE_USER',
        'users delete': 'DELETE_USER',
      },
    },
  },
  {
    // gcloud waits 20 min, 60 min for create, update and upgrade (api_lib/container/api_adapter.py, --timeout); nodes are drained for up to an hour each.
    ...{ group: 'container', timeout: '25m', settle: '10m', longest: '6h' },
    operations: {
      form: 'container',
      // https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.operations#type
      types: {
        'clusters resize': 'SET_NODE_POOL_SIZE',
        'clusters update': 'UPDATE_CLUSTER',
        'clusters create': 'CREATE_CLUSTER',
        'clusters delete': 'DELETE_CLUSTER',
        'node-pools create': 'CREATE_NODE_POOL',
        'node-pools delete': 'DELETE_NODE_POOL',
      },
    },
  },
  {
    // gcloud waits 30 min (api_lib/compute/waiters.py).
    ...{ group: 'compute', timeout: '10m', settle: '3m', longest: '1h' },
    operations: {
      form: 'compute',
      // https://cloud.google.com/compute/docs/reference/rest/v1/zoneOperations: the method that began it.
      types: Object.fromEntries(
        ['start', 'stop', 'reset', 'suspend', 'resume', 'resize', 'delete']
          .map((verb) => [verb, verb] as const)
          .concat([['create', 'insert']]),
      ),
    },
  },
  // gcloud waits 30 min for each of these (api_lib/services/services_util.py, api_lib/functions/v2/util.py, api_lib/util/waiter.py).
  { group: 'services', timeout: '10m', settle: '3m', longest: '40m' },
  { group: 'functions', timeout: '15m', settle: '3m', longest: '40m' },
  {
    ...{ group: 'redis', timeout: '20m', settle: '5m', longest: '2h' },
    operations: { form: 'long-running', group: 'redis', place: 'region' },
  },
  {
    ...{ group: 'memcache', timeout: '20m', settle: '5m', longest: '2h' },
    operations: { form: 'long-running', group: 'memcache', place: 'region' },
  },
  {
    ...{ group: 'alloydb', timeout: '20m', settle: '5m', longest: '2h' },
    operations: { form: 'long-running', group: 'alloydb', place: 'region' },
  },
  { group: 'filestore', timeout: '20m', settle: '5m', longest: '2h' },
  { group: 'spanner', timeout: '10m', settle: '3m', longest: '2h' },
  { group: 'bigtable', timeout: '10m', settle: '3m', longest: '1h' },
  { group: 'composer', timeout: '45m', settle: '10m', longest: '3h' },
  { group: 'dataproc', timeout: '15m', settle: '3m', longest: '2h' },
]

const rowOf = (words: Argument[]): Row | undefined => {
  const { groups } = commandOf(words)
  return ROWS.find(({ group }) => groups[0] === group)
}

/** Returns how long a changing command may take. */
export const timesOf = (words: Argument[]): OperationTimes => rowOf(words) ?? SYNCHRONOUS

/** Returns whether the table knows the command's API as one whose changes take their time. */
export const takesItsTime = (words: Argument[]): boolean => rowOf(words) !== undefined

/** Groups whose changes are one request each, answered once it is done: gcloud asks nothing after it. */
const ANSWERED_AT_ONCE: string[][] = [
  ['iam', 'service-accounts'],
  ['iam', 'roles'],
  ['kms'],
  ['logging'],
  ['pubsub'],
  ['scheduler'],
  ['secrets'],
  ['tasks'],
]

/** Returns whether what a command is refused with is the change's own answer, since gcloud follows nothing that it has begun. */
export function isAnsweredAtOnce(words: Argument[]): boolean {
  const { groups, verb } = commandOf(words)
  return (
    ANSWERED_AT_ONCE.some((of) => of.every((group, at) => groups[at] === group)) ||
    (verb !== undefined && /(^|-)iam-policy(-|$)/.test(verb))
  )
}

/** Returns how the command's API lists the operations of a resource; undefined where no gcloud command does. */
export const operationListOf = (words: Argument[]): OperationList | undefined => rowOf(words)?.operations

/** Returns for how long after a command's end its change may still take effect, in ms. */
export const longestMs = (words: Argument[]): number => parseDuration(timesOf(words).longest)
