import type { FunctionTable } from '../template-function.ts';
import { CASE_FUNCTIONS } from './case-functions.ts';
import { CERTIFICATE_FUNCTIONS } from './certificate-functions.ts';
import { CIPHER_FUNCTIONS } from './cipher-functions.ts';
import { CUT_FUNCTIONS } from './cut-functions.ts';
import { DATE_FUNCTIONS } from './date-functions.ts';
import { DEFAULT_FUNCTIONS } from './default-functions.ts';
import { DICT_FUNCTIONS } from './dict-functions.ts';
import { ENCODING_FUNCTIONS } from './encoding-functions.ts';
import { FAIL_FUNCTIONS } from './fail-functions.ts';
import { FLOAT_FUNCTIONS } from './float-functions.ts';
import { HASH_FUNCTIONS } from './hash-functions.ts';
import { JSON_FUNCTIONS } from './json-functions.ts';
import { JWK_FUNCTIONS } from './jwk-functions.ts';
import { LIST_FUNCTIONS } from './list-functions.ts';
import { NUMBER_FUNCTIONS } from './number-functions.ts';
import { PASSWORD_FUNCTIONS } from './password-functions.ts';
import { PATH_FUNCTIONS } from './path-functions.ts';
import { PEM_FUNCTIONS } from './pem-functions.ts';
import { PKCS12_FUNCTIONS } from './pkcs12-functions.ts';
import { RANDOM_FUNCTIONS } from './random-functions.ts';
import { REFLECTION_FUNCTIONS } from './reflection-functions.ts';
import { REGEX_FUNCTIONS } from './regex-functions.ts';
import { RSA_FUNCTIONS } from './rsa-functions.ts';
import { SEMVER_FUNCTIONS } from './semver-functions.ts';
import { SPLIT_FUNCTIONS } from './split-functions.ts';
import { STRING_FUNCTIONS } from './string-functions.ts';
import { URL_FUNCTIONS } from './url-functions.ts';
import { YAML_FUNCTIONS } from './yaml-functions.ts';

/** Everything that External Secrets' templates may call beside Go's own: sprig without what reaches outside, and its additions. */
export const ALL_FUNCTIONS: FunctionTable = {
  ...CASE_FUNCTIONS,
  ...CERTIFICATE_FUNCTIONS,
  ...CIPHER_FUNCTIONS,
  ...CUT_FUNCTIONS,
  ...DATE_FUNCTIONS,
  ...DEFAULT_FUNCTIONS,
  ...DICT_FUNCTIONS,
  ...ENCODING_FUNCTIONS,
  ...FAIL_FUNCTIONS,
  ...FLOAT_FUNCTIONS,
  ...HASH_FUNCTIONS,
  ...JSON_FUNCTIONS,
  ...JWK_FUNCTIONS,
  ...LIST_FUNCTIONS,
  ...NUMBER_FUNCTIONS,
  ...PASSWORD_FUNCTIONS,
  ...PATH_FUNCTIONS,
  ...PEM_FUNCTIONS,
  ...PKCS12_FUNCTIONS,
  ...RANDOM_FUNCTIONS,
  ...REFLECTION_FUNCTIONS,
  ...REGEX_FUNCTIONS,
  ...RSA_FUNCTIONS,
  ...SEMVER_FUNCTIONS,
  ...SPLIT_FUNCTIONS,
  ...STRING_FUNCTIONS,
  ...URL_FUNCTIONS,
  ...YAML_FUNCTIONS,
};
