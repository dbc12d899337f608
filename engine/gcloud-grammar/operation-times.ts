import { parseDuration } from '../base/duration.ts'
import type { Argument } from './argument.ts'
import { commandOf } from './command.ts'

/**
 * The time limits of a command that changes something. `timeout` is how long the command can run, `settle` how long its
 * effect can take to become visible afterward, and `longest` how long a request of unknown outcome can still take effect.
 */
export type OperationTimes = { timeout: string; settle: string; longest: string }

/** How an API lists the operations on a resource: the form of the command and its entries. */
export type OperationList =
  | { form: 'sql'; types: Readonly<Record<string, string>> }
  | { form: 'container'; types: Readonly<Record<string, string>> }
  | { form: 'compute'; types: Readonly<Record<string, string>> }
  | { form: 'long-running'; group: string; place: 'region' | 'location' }

type Row = OperationTimes & { group: string; operations?: OperationList }

/**
 * The times of a synchronous API. Google publishes no limit: gcloud allows 300 s for a request (core/transport.py), plus ten
 * minutes for retries and propagation (IAM's documentation: "7 minutes or more").
 */
const SYNCHRONOUS: OperationTimes = { timeout: '3m', settle: '30s', longest: '15m' }

/**
 * The long-running APIs by their first command group; the first match counts. `timeout` is a little longer than gcloud
 * 528.0.0 waits for the operation, so that gcloud can report the result.
 */
const ROWS: Row[] = [
  {
    // gcloud waits 600 s (api_lib/sql/operations.py), then reports that the operation is still running.
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
    // gcloud waits 20 min, or 60 min for create, update and upgrade (api_lib/container/api_adapter.py, --timeout). Draining
    // takes up to an hour per node.
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
      // https://cloud.google.com/compute/docs/reference/rest/v1/zoneOperations: the method that started the operation.
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

const rowOf = (args: Argument[]): Row | undefined => {
  const { groups } = commandOf(args)
  return ROWS.find(({ group }) => groups[0] === group)
}

/** Returns how long a changing command may take. */
export const timesOf = (args: Argument[]): OperationTimes => rowOf(args) ?? SYNCHRONOUS

/** Returns whether the command's API runs changes as long-running operations. */
export const isLongRunning = (args: Argument[]): boolean => rowOf(args) !== undefined

/** Groups whose changes are a single request without an operation to poll. */
const SYNCHRONOUS_GROUPS: string[][] = [
  ['iam', 'service-accounts'],
  ['iam', 'roles'],
  ['kms'],
  ['logging'],
  ['pubsub'],
  ['scheduler'],
  ['secrets'],
  ['tasks'],
]

/** Returns whether an error from a command is the answer to the change itself, because gcloud polls no operation after it. */
export function isSynchronous(args: Argument[]): boolean {
  const { groups, verb } = commandOf(args)
  return (
    SYNCHRONOUS_GROUPS.some((of) => of.every((group, at) => groups[at] === group)) ||
    (verb !== undefined && /(^|-)iam-policy(-|$)/.test(verb))
  )
}

/** Returns how the command's API lists the operations on a resource, or undefined if no gcloud command does. */
export const operationListOf = (args: Argument[]): OperationList | undefined => rowOf(args)?.operations

/** Returns how long a change can still take effect after its command has ended, in ms. */
export const longestMs = (args: Argument[]): number => parseDuration(timesOf(args).longest)
