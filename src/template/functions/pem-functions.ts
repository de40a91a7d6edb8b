import { certificatesPem, isRoot, orderChain } from '../crypto/certificate-chain.ts';
import { alternativeNames, parseCertificates } from '../crypto/parse-certificate.ts';
import { decodeAllPem, decodePem, encodePem } from '../crypto/pem-block.ts';
import { withContext } from '../crypto/with-context.ts';
import { spendOnInputs } from '../crypto/work.ts';
import { TemplateError } from '../template-error.ts';
import type { FunctionTable } from '../template-function.ts';
import { GoList } from '../value.ts';
import { textAt } from './arguments.ts';

const MAX_CHAIN = 1000; // ordering compares each with each

export const PEM_FUNCTIONS: FunctionTable = {
  filterPEM: {
    params: ['string', 'string'],
    call(args, evaluation) {
      const [type, text] = [textAt(args, 0), textAt(args, 1)];
      spendOnInputs(evaluation, text);

      const { blocks, rest } = decodeAllPem(fromFirstBlock(text));
      const kept = blocks.filter((block) => block.type.toLowerCase() === type.toLowerCase());
      if (kept.length === 0 && rest !== '') throw new TemplateError('error filtering pem: found junk');
      return kept.map(({ type: kind, bytes, headers }) => encodePem(kind, bytes, headers)).join('');
    },
  },

  filterCertChain: {
    params: ['string', 'string'],
    call(args, evaluation) {
      const [part, text] = [textAt(args, 0), textAt(args, 1)];
      spendOnInputs(evaluation, text);
      return filterCertChain(part, text);
    },
  },

  certSANs: {
    params: ['string'],
    call(args, evaluation) {
      const text = textAt(args, 0);
      spendOnInputs(evaluation, text);

      const { block } = decodePem(fromFirstBlock(text));
      if (block === undefined) throw new TemplateError('failed to decode PEM block');
      const names = withContext('failed to parse certificate', () => alternativeNames(block.bytes));
      return new GoList(names, 'string');
    },
  },
};

function filterCertChain(part: string, text: string): string {
  const certificates = parseCertificates(text);
  if (certificates.length > MAX_CHAIN) throw new TemplateError(`more than ${MAX_CHAIN} certificates`);
  const chain = orderChain(certificates);
  const above = chain.slice(1);
  const end = above.findIndex(isRoot);

  switch (part) {
    case 'leaf':
      return certificatesPem(chain.slice(0, 1).filter((certificate) => !isRoot(certificate)));
    case 'intermediate':
      return certificatesPem(end < 0 ? above : above.slice(0, end));
    case 'root':
      return certificatesPem(chain.slice(-1).filter(isRoot));
    default:
      return '';
  }
}

/** Something before the first block on its line is no reason to lose the block. */
function fromFirstBlock(text: string): string {
  const begin = text.indexOf('-----BEGIN');
  return begin < 0 ? text : text.slice(begin);
}
