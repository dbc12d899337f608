import { expect, test } from 'vitest'
import { childEnvironment, ignoredVariables } from '../../engine/gcloud/environment.ts'
import { classifyFailure, withoutAnswers } from '../../engine/gcloud/failure.ts'

const updating = 'Updating...\nfailed\nUpdate failed\n'

test.each<[cause: string, stderr: string, message?: string]>([
  [
    'not-found',
    'ERROR: (gcloud.run.services.describe) Cannot find service [nothing]',
    '(gcloud.run.services.describe) Cannot find service [nothing]',
  ],
  [
    'not-found',
    `${updating}ERROR: (gcloud.run.services.update) Service [nothing] could not be found.`,
    '(gcloud.run.services.update) Service [nothing] could not be found.',
  ],
  [
    'conflict',
    `${updating}ERROR: (gcloud.run.services.update) ABORTED: Conflict for resource 'x': version 'A' was specified but current version is 'B'.`,
  ],
  [
    'denied',
    "ERROR: (gcloud.run.services.update) PERMISSION_DENIED: Permission 'iam.serviceaccounts.actAs' denied on service account E (or it may not exist).",
  ],
  ['not-found', 'ERROR: (gcloud.secrets.versions.list) NOT_FOUND: Secret [projects/1/secrets/S] not found.'],
  [
    'invalid',
    'ERROR: (gcloud.secrets.versions.access) FAILED_PRECONDITION: Secret Version [projects/1/secrets/S/versions/1] is in DISABLED state.',
  ],
  [
    'conflict',
    'ERROR: (gcloud.projects.add-iam-policy-binding) Resource in projects [P:setIamPolicy] is the subject of a conflict: There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.',
  ],
  [
    'conflict',
    'ERROR: (gcloud.iam.service-accounts.create) Resource in projects [P] is the subject of a conflict: Service account N already exists within project projects/P.',
  ],
  [
    'not-found',
    'ERROR: (gcloud.iam.service-accounts.describe) NOT_FOUND: Unknown service account. This command is authenticated with x@y which is the active account',
  ],
  [
    'disabled-api',
    'ERROR: (gcloud.run.services.list) [None] does not have permission to access projects instance [P] (or it may not exist): Cloud Run Admin API has not been used in project 1 before or it is disabled.',
  ],
  [
    'disabled-api',
    'ERROR: (gcloud.secrets.list) PERMISSION_DENIED: Secret Manager API has not been used in project 1 before or it is disabled. - reason: SERVICE_DISABLED',
  ],
  [
    'denied',
    'ERROR: (gcloud.run.services.list) [x@y] does not have permission to access namespaces instance [P] (or it may not exist): The caller does not have permission',
  ],
  [
    'network',
    'ERROR: gcloud crashed (InvalidDataFromServerError): Error decoding response "<html>The page could not be found</html>',
    'gcloud got a web page instead of an API response, probably from a proxy or a sign-in page: sign in or bypass it, then run this command again',
  ],
  [
    'other',
    'ERROR: gcloud crashed (InvalidDataFromServerError): Error decoding response "{" as type Secret: could not be found',
  ],
  [
    'network',
    "ERROR: gcloud crashed (ChunkedEncodingError): ('Connection broken: IncompleteRead(923 bytes read, 924 more expected)', 0)",
  ],
  [
    'unavailable',
    'ERROR: (gcloud.run.services.describe) HttpError accessing <http://x/y?alt=json>: response: <{\'content-length\': \'95\', \'status\': 503}>, content <{"error":{"code":503,"message":"Come back later."}}>\nThis may be due to network connectivity issues.',
    '(gcloud.run.services.describe) HTTP 503: Come back later. This may be due to network connectivity issues.',
  ],
  [
    'unavailable',
    "ERROR: (gcloud.x) HttpError accessing <http://x/>: response: <{'status': 502}>, content <<html><b>Bad gateway</b></html>>",
    '(gcloud.x) HTTP 502: Bad gateway',
  ],
  [
    'denied',
    'ERROR: (gcloud.projects.add-iam-policy-binding) [a@b.c] does not have permission to access projects instance [p-1:setIamPolicy] (or it may not exist): The caller does not have permission. This command is authenticated with an access token',
    '(gcloud.projects.add-iam-policy-binding) [a@b.c] does not have permission to access projects instance [p-1:setIamPolicy] (or it may not exist): The caller does not have permission: missing permission resourcemanager.projects.setIamPolicy.',
  ],
  [
    'denied',
    "ERROR: (gcloud.run.services.update) FAILED_PRECONDITION: The request has violated one or more Org Policies.\n- '@type': type.googleapis.com/google.rpc.PreconditionFailure\n  violations:\n  - type: constraints/run.allowedIngress",
    '(gcloud.run.services.update) FAILED_PRECONDITION: The request has violated one or more Org Policies. It violates constraints/run.allowedIngress.',
  ],
  [
    'unavailable',
    'ERROR: Policy modification failed. For a binding with condition, run "gcloud alpha iam policies lint-condition" to identify issues in condition.\nERROR: (gcloud.projects.add-iam-policy-binding) INVALID_ARGUMENT: Service account a@b.c does not exist.',
    '(gcloud.projects.add-iam-policy-binding) INVALID_ARGUMENT: Service account a@b.c does not exist.',
  ],
  [
    'unavailable',
    "ERROR: (gcloud.secrets.versions.add) RESOURCE_EXHAUSTED: Quota exceeded.\n- '@type': type.googleapis.com/google.rpc.ErrorInfo\n  metadata:\n    service: x",
    '(gcloud.secrets.versions.add) RESOURCE_EXHAUSTED: Quota exceeded.',
  ],
  ['other', "ERROR: gcloud crashed (KeyError): 'NOT_FOUND'"],
  ['unavailable', 'ERROR: (gcloud.run.services.update) RESOURCE_EXHAUSTED: Quota exceeded for quota metric'],
  ['unavailable', 'ERROR: (gcloud.run.services.update) UNAVAILABLE: The service is currently unavailable.'],
  ['no-login', 'ERROR: (gcloud.run.services.update) UNAUTHENTICATED: Request had invalid authentication credentials.'],
  [
    'no-login',
    'ERROR: (gcloud.run.services.update) You do not currently have an active account selected.\nPlease run:\n\n  $ gcloud auth login\n',
  ],
  [
    'no-login',
    'ERROR: (gcloud.run.services.list) There was a problem refreshing your current auth tokens: Reauthentication failed. cannot prompt during non-interactive execution.',
  ],
  [
    'network',
    "ERROR: gcloud crashed (ConnectionError): HTTPSConnectionPool(host='x', port=443): Max retries exceeded with url: / (Caused by NameResolutionError(\"failed to resolve 'x'\"))",
  ],
  [
    'network',
    "ERROR: gcloud crashed (ProxyError): HTTPSConnectionPool(host='x', port=443): Max retries exceeded (Caused by ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 403 Forbidden')))",
  ],
  ['invalid', 'ERROR: (gcloud.run.services.update) INVALID_ARGUMENT: bad'],
  ['invalid', 'ERROR: (gcloud.run.services.update) unrecognized arguments: --nope'],
])('%s: %s', (cause, stderr, message) => {
  const failure = classifyFailure(1, stderr)
  expect(failure.cause).toBe(cause)
  expect(failure.message).not.toMatch(/^ERROR|Updating|authenticated with|\n/)
  if (message) expect(failure.message).toBe(message)
})

test('a failure without a message reports the exit code', () => {
  expect(classifyFailure(2, '')).toEqual({
    cause: 'invalid',
    message: 'gcloud ended with exit code 2 and no error message',
  })
  expect(classifyFailure(null, '\n')).toEqual({
    cause: 'other',
    message: 'gcloud ended with a signal and no error message',
  })
})

test('a long message is cut, but never in the middle of a character', () => {
  for (const pad of ['', 'x']) {
    const { message } = classifyFailure(1, `ERROR: ${pad}${'😀'.repeat(500)}`)
    expect(message.length).toBeLessThanOrEqual(600)
    expect(message.isWellFormed()).toBe(true)
  }
})

test('quotes of a secret output in a crash or a stray line are left out', () => {
  const crash =
    'WARNING: x\nERROR: gcloud crashed (InvalidDataFromServerError): Error decoding response "{\n"data": "Y2FuYXJ5"'
  expect(classifyFailure(1, withoutAnswers(crash)).message).toBe('gcloud crashed (InvalidDataFromServerError)')
  expect(withoutAnswers('Traceback\n  Y2FuYXJ5')).toBe('')
  const page = 'ERROR: gcloud crashed (InvalidDataFromServerError): Error decoding response "<html>Y2FuYXJ5</html>'
  expect(classifyFailure(1, withoutAnswers(page))).toMatchObject({ cause: 'network' })
  expect(withoutAnswers(page)).not.toContain('Y2FuYXJ5')
  const plain = 'ERROR: (gcloud.secrets.versions.access) NOT_FOUND: Secret [x] not found.'
  expect(withoutAnswers(plain)).toBe(plain)
})

test("gcloud gets none of the caller's variables that could redirect it", () => {
  const caller = {
    PATH: '/bin',
    HOME: '/home/x',
    CLOUDSDK_CORE_PROJECT: 'evil',
    CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN: 'http://evil/',
    CLOUDSDK_AUTH_ACCESS_TOKEN: 'token',
    cloudsdk_config: '/evil',
    GOOGLE_APPLICATION_CREDENTIALS: '/key.json',
    HTTPS_PROXY: 'http://evil/',
    no_proxy: '*',
    PYTHONPATH: '/evil',
    LD_PRELOAD: '/evil.so',
    SECRET: 'canary',
  }
  const child = childEnvironment(caller, { CLOUDSDK_CONFIG: '/scratch' })
  expect(JSON.stringify(child)).not.toMatch(/evil|token|key\.json|canary/)
  expect(child).toMatchObject({
    PATH: '/bin',
    HOME: '/home/x',
    CLOUDSDK_CONFIG: '/scratch',
    CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
    CLOUDSDK_CORE_DISABLE_FILE_LOGGING: 'true',
  })
  expect(Object.keys(child).filter((name) => !name.startsWith('CLOUDSDK_'))).toEqual(['PATH', 'HOME'])
  expect(ignoredVariables(caller)).toEqual([
    'CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN',
    'CLOUDSDK_AUTH_ACCESS_TOKEN',
    'CLOUDSDK_CORE_PROJECT',
    'GOOGLE_APPLICATION_CREDENTIALS',
    'HTTPS_PROXY',
    'cloudsdk_config',
    'no_proxy',
  ])
})
