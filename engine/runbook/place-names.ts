/** Flags that name a place: a region, a zone, a location, or several. */
const PLACES = /^--([a-z_-]+[-_])?(regions?|zones?|locations?)$/

const PLACE = /^(-|[a-z0-9][a-z0-9-]*(,[a-z0-9][a-z0-9-]*)*)$/i

/**
 * Returns why a flag's value is not the name of a place. gcloud makes a place part of the host that it asks: with
 * `--region=elsewhere.example?` it would send the request, and the access token, to elsewhere.example.
 */
export const faultInPlace = (flag: string, value: string): string | undefined =>
  PLACES.test(flag) && !PLACE.test(value)
    ? `the value of \`${flag}\` is not the name of a place, and would become part of the address that is asked`
    : undefined
