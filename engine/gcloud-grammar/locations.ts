import { isFullResourceName } from './full-resource-names.ts'

/** Matches flags that take regions, zones or locations. */
const LOCATION_FLAGS = /^--([a-z_-]+[-_])?(regions?|zones?|locations?)$/

const LOCATION = /^(-|[a-z0-9][a-z0-9-]*(,[a-z0-9][a-z0-9-]*)*)$/i

/** Matches the location in a full resource name or its URL. */
const LOCATION_WITHIN = /\/(?:regions|zones|locations)\/([^/]*)/gi

/**
 * Returns why a flag's value is not a valid location, or is a full resource name with an invalid one. gcloud uses the
 * location in the host name of its requests: with `--region=elsewhere.example?`, it would send the request and the access
 * token to elsewhere.example. It also reads the location from full resource names in any flag.
 */
export function locationFault(flag: string, value: string): string | undefined {
  if (LOCATION_FLAGS.test(flag) && !LOCATION.test(value))
    return `the value of \`${flag}\` is not a valid location, and gcloud would use it in the host name of the request`
  const locations = value.split(',').filter(isFullResourceName).flatMap(locationsWithin)
  return locations.every((location) => LOCATION.test(location))
    ? undefined
    : `the value of \`${flag}\` contains an invalid location, which gcloud would use in the host name of the request`
}

/** Returns the locations in a full resource name. gcloud decodes the path of a URL before it splits it. */
const locationsWithin = (name: string): string[] =>
  [name, name.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))]
    .flatMap((text) => [...text.matchAll(LOCATION_WITHIN)])
    .map(([, location = '']) => location)
