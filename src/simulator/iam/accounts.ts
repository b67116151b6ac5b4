export type Domain = { readonly id: string; readonly name: string };

export type Project = { readonly id: string; readonly name: string };

/** An IAM user. `projects[0]` is the one a first token is scoped to. */
export type Account = {
  readonly domain: Domain;
  readonly id: string;
  readonly user: string;
  readonly password: string;
  /** Set when the user has virtual MFA switched on: the passcode that is accepted. */
  readonly passcode?: string;
  /** Administrators see other users' notebooks with `owner` in listNotebooks. */
  readonly isAdministrator: boolean;
  readonly projects: readonly Project[];
};

const acme: Domain = { id: 'd0000000000000000000000000acee00', name: 'acme' };
const globex: Domain = { id: 'd000000000000000000000000010bec5', name: 'globex' };

const acmeMain: Project = { id: 'a4a5d4098fb4474fa22cd05f897d6b99', name: 'eu-de' };
const acmeTeam: Project = { id: 'b5b6e5109fc5585fb33de16f908e7c00', name: 'eu-de_team' };
const globexMain: Project = { id: 'c6c7f6210ad6696fc44ef27fa19f8d11', name: 'eu-de' };

/**
 * The built-in users; none of this is secret. | domain | user | password | projects |
 * acme: `demo`/`demo` (eu-de, eu-de_team), `colleague`/`colleague` (eu-de), `careful`/`careful` (eu-de; MFA passcode 123456),
 * `admin`/`admin` (eu-de, eu-de_team; administrator). globex: `stranger`/`stranger` (its own eu-de).
 */
export const builtInAccounts: readonly Account[] = [
  {
    domain: acme,
    id: '10000000000000000000000000000001',
    user: 'demo',
    password: 'demo',
    isAdministrator: false,
    projects: [acmeMain, acmeTeam],
  },
  {
    domain: acme,
    id: '10000000000000000000000000000002',
    user: 'colleague',
    password: 'colleague',
    isAdministrator: false,
    projects: [acmeMain],
  },
  {
    domain: acme,
    id: '10000000000000000000000000000003',
    user: 'careful',
    password: 'careful',
    passcode: '123456',
    isAdministrator: false,
    projects: [acmeMain],
  },
  {
    domain: acme,
    id: '10000000000000000000000000000004',
    user: 'admin',
    password: 'admin',
    isAdministrator: true,
    projects: [acmeMain, acmeTeam],
  },
  {
    domain: globex,
    id: '20000000000000000000000000000001',
    user: 'stranger',
    password: 'stranger',
    isAdministrator: false,
    projects: [globexMain],
  },
];
