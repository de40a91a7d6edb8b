import { fakeSetup } from './fake-setup.ts';
import { describeProvider } from './provider-contract.ts';
import { vaultSetup } from './vault-setup.ts';

describeProvider('fake', fakeSetup);
describeProvider('vault', vaultSetup);
