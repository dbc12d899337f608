import type { Fault, FaultRule, FaultTarget } from '../../engine/sandbox/model/fault.ts'

/** One fault at a natural place in a runbook of the small team, and how the run must end. */
export type FaultCase = {
  runbook: 'secret' | 'service' | 'identity'
  fault: FaultRule
  exit: 0 | 1 | 4 | 5
  /** What the screen must give as the cause if the run stops. */
  says?: RegExp
  /** How many changes the sandbox makes for the engine, if not one for each step. */
  changes?: number
}

type Calls = FaultTarget['calls']
type Rest = Pick<FaultCase, 'exit' | 'says' | 'changes'>

/** Cases for one method: the fault, its calls, and how the run ends. */
const cases =
  (runbook: FaultCase['runbook'], service: FaultTarget['service'], method: FaultTarget['method']) =>
  (...list: [Fault, Rest, Calls?][]): FaultCase[] =>
    list.map(([answer, rest, calls]) => ({
      runbook,
      fault: { on: { service, method, ...(calls === undefined ? {} : { calls }) }, answer },
      ...rest,
    }))

const done = { exit: 0 } as const
const stopped = (says: RegExp) => ({ exit: 1, says }) as const
/** Without an answer, the change may still take effect. */
const inDoubt = (says: RegExp) => ({ exit: 5, says }) as const

/** Every kind of fault, with its effect on a small run. */
export const faultCases: FaultCase[] = [
  ...cases('secret', 'secretmanager', 'versions.add')(
    [{ drop: 'before' }, done],
    // gcloud sends the request again by itself: there are two versions then, both correct.
    [{ drop: 'after' }, { exit: 0, changes: 2 }],
    [
      { status: 503, applied: true },
      { exit: 0, changes: 2 },
    ],
    [{ truncate: true }, { exit: 0, changes: 2 }],
    [{ status: 500 }, done],
    [{ status: 401 }, done],
    [{ status: 401 }, stopped(/invalid authentication credentials/), 'every'],
    [{ status: 403 }, stopped(/Permission 'secretmanager\.versions\.add' denied/)],
    [{ apiDisabled: true }, stopped(/Secret Manager API has not been used .* Enable it by visiting/)],
    [{ status: 429, retryAfter: '7s' }, stopped(/Quota exceeded/), 'every'],
    [{ html: 200 }, inDoubt(/web page instead of an API response.*may still take effect/), 'every'],
    [{ slow: '300ms' }, done],
    [{ hang: true }, inDoubt(/did not finish within 4 s.*may still take effect/), 'every'],
    [{ hang: true, applied: true }, done],
    [{ late: '20m', reply: 'hang' }, inDoubt(/did not finish within 4 s.*may still take effect/)],
    [{ latestLags: '2m' }, done],
    [{ concurrentWriter: { text: 'somebody-elses' } }, done],
  ),
  ...cases(
    'secret',
    'secretmanager',
    'versions.access',
  )(
    [{ status: 403 }, stopped(/nothing was changed: .*Permission 'secretmanager\.versions\.access' denied/), 'every'],
    [{ html: 200 }, stopped(/nothing was changed: .*web page instead of an API response/), 'every'],
  ),
  ...cases('service', 'run', 'services.replace')(
    [{ status: 403 }, stopped(/Permission 'run\.services\.update' denied/)],
    [{ orgPolicy: 'constraints/run.allowedIngress' }, stopped(/It violates constraints\/run\.allowedIngress/)],
    [
      { concurrentWriter: { ingress: 'internal-and-cloud-load-balancing' } },
      { exit: 4, says: /has changed since the plan was shown, and --yes consents only to the plan/ },
      'every',
    ],
    [{ readyFalse: 'The container failed to start.' }, stopped(/The container failed to start\./)],
    [{ readyUnknown: true }, inDoubt(/did not finish within 4 s.*may still take effect/)],
    [{ propagation: '5s' }, done],
    [{ propagation: '7m' }, stopped(/neither as before nor correct/)],
    [{ drop: 'after' }, done],
    [{ hang: true, applied: true }, done],
  ),
  ...cases('service', 'run', 'services.get')(
    [{ status: 403 }, stopped(/nothing was changed: .*Permission 'run\.services\.get' denied/)],
    [{ truncate: true }, done],
    // The poll of the update: the change it waits for is long done.
    [{ status: 403 }, done, [4]],
    // A token that expires mid-run, before the change.
    [{ status: 401 }, stopped(/invalid authentication credentials/), { from: 2 }],
  ),
  ...cases('identity', 'iam', 'serviceAccounts.create')(
    [{ drop: 'after' }, done],
    [{ newAccount: { visibleAfter: '40s', flapsFor: '10s' } }, done],
    [{ newAccount: { bindableAfter: '25s' } }, done],
    [{ newAccount: { bindableAfter: '10m' } }, stopped(/cr-shop@tern-live\.iam\.gserviceaccount\.com does not exist/)],
    [{ orgPolicy: 'constraints/iam.disableServiceAccountCreation' }, stopped(/disableServiceAccountCreation/)],
    [{ status: 403 }, stopped(/Permission 'iam\.serviceAccounts\.create' denied/)],
  ),
  ...cases('identity', 'cloudresourcemanager', 'projects.setIamPolicy')(
    [{ drop: 'after' }, done],
    [{ concurrentWriter: true }, done],
    [{ concurrentWriter: true }, stopped(/concurrent policy changes/), 'every'],
    [{ status: 403 }, stopped(/missing permission resourcemanager\.projects\.setIamPolicy/)],
    [{ orgPolicy: 'constraints/iam.allowedPolicyMemberDomains' }, stopped(/iam\.allowedPolicyMemberDomains/)],
    [{ propagation: '7m' }, done],
  ),
  ...cases(
    'identity',
    'cloudresourcemanager',
    'projects.getIamPolicy',
  )(
    [{ status: 403 }, stopped(/nothing was changed: .*missing permission resourcemanager\.projects\.getIamPolicy/)],
    // From the second command's own read on, nothing can be read any more.
    [{ status: 403 }, { exit: 5, says: /cannot read whether the change was made/ }, { from: 3 }],
  ),
]

/** The cases that the real gcloud plays too: one for each of its reactions. */
export const withGcloud: FaultCase[] = [
  ...cases('secret', 'secretmanager', 'versions.add')([{ drop: 'after' }, { exit: 0, changes: 2 }]),
  ...cases(
    'service',
    'run',
    'services.replace',
  )(
    [{ orgPolicy: 'constraints/run.allowedIngress' }, stopped(/It violates constraints\/run\.allowedIngress/)],
    [{ hang: true, applied: true }, done],
  ),
  ...cases(
    'identity',
    'cloudresourcemanager',
    'projects.setIamPolicy',
  )([{ status: 403 }, stopped(/missing permission resourcemanager\.projects\.setIamPolicy/)]),
]
