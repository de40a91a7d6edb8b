import { parameterStoreSetup, secretsManagerSetup } from './aws-setup.ts';
import { azurekvSetup } from './azure-setup.ts';
import { fakeSetup } from './fake-setup.ts';
import { gcpsmSetup } from './gcpsm-setup.ts';
import { kubernetesSetup } from './kubernetes-setup.ts';
import { describeProvider } from './provider-contract.ts';
import { vaultSetup } from './vault-setup.ts';
import { webhookSetup } from './webhook-setup.ts';

describeProvider('aws', secretsManagerSetup);
describeProvider('aws', parameterStoreSetup);
describeProvider('azurekv', azurekvSetup);
describeProvider('fake', fakeSetup);
describeProvider('gcpsm', gcpsmSetup);
describeProvider('kubernetes', kubernetesSetup);
describeProvider('vault', vaultSetup);
describeProvider('webhook', webhookSetup);
