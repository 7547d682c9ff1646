import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const gateway = process.env['TESTCAST_DEV_GATEWAY'] ?? 'http://127.0.0.1:4000';

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ['@testcast/source', 'module', 'browser', 'development|production'] },
  server: {
    proxy: {
      '/v1': gateway,
      '/health': gateway,
      '/stream': { target: gateway, ws: true },
    },
  },
  build: {
    target: 'es2023',
    // The server's content security policy takes scripts and styles from files of its own only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Schemas are the server's work: without this their library would be a third of what the page loads.
      treeshake: { moduleSideEffects: (id) => !/[\\/]packages[\\/](contracts|client)[\\/]/.test(id) },
    },
  },
});
