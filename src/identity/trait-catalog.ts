/**
 * Well-known traits, and whether their value says something about a person that only `pii:read` may see. What is not
 * listed is personal: a new trait is hidden until somebody has looked at it, never shown by accident.
 */
const catalog: Readonly<Record<string, { readonly personal: boolean }>> = {
  // Who and where somebody is.
  name: { personal: true },
  firstName: { personal: true },
  lastName: { personal: true },
  salutation: { personal: true },
  title: { personal: true },
  email: { personal: true },
  phone: { personal: true },
  birthday: { personal: true },
  birthYear: { personal: true },
  age: { personal: true },
  gender: { personal: true },
  street: { personal: true },
  postalCode: { personal: true },
  city: { personal: true },
  address: { personal: true },
  company: { personal: true },
  jobTitle: { personal: true },
  avatar: { personal: true },
  username: { personal: true },
  loyaltyCard: { personal: true },

  // Shared by too many people to point at one.
  country: { personal: false },
  region: { personal: false },
  language: { personal: false },
  locale: { personal: false },
  timeZone: { personal: false },
  currency: { personal: false },

  // Dealings with the organisation.
  customerSince: { personal: false },
  customerType: { personal: false },
  signupSource: { personal: false },
  acquisitionChannel: { personal: false },
  preferredChannel: { personal: false },
  preferredStore: { personal: false },
  newsletter: { personal: false },
  marketingConsent: { personal: false },
  emailOptIn: { personal: false },
  smsOptIn: { personal: false },
  plan: { personal: false },
  tier: { personal: false },
  industry: { personal: false },
  companySize: { personal: false },
};

export function isPersonalTrait(name: string): boolean {
  return !Object.hasOwn(catalog, name) || catalog[name]?.personal !== false;
}
