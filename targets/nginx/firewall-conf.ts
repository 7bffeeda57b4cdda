/**
 * nginx.conf of the second nginx of an instance, which inspects requests (design D4). Static: rule sets are files that workers read
 * when a request asks for them. What the frame calls is in dataplane/firewall.
 */
import { quoted } from './conf/directive.ts';
import { type FirewallRuntime, modulePath, type NginxRuntime } from './runtime.ts';

export interface FirewallConf {
  readonly workers: number;
  readonly backlog: number;
  readonly runtime: NginxRuntime;
  readonly firewall: FirewallRuntime;
  /** Folder of the compiled Lua. */
  readonly dataplane: string;
  /** Folder of the rule sets. */
  readonly rules: string;
  /** Where requests come in, and where those that pass go. */
  readonly socket: string;
  readonly inspectedSocket: string;
}

/** Time limits are the first nginx's business: nothing here may be shorter than what a route allows. */
const FOREVER = '1d';

export function renderFirewallConf(conf: FirewallConf): string {
  const { workers, backlog, runtime, firewall, dataplane, rules, socket, inspectedSocket } = conf;
  return `load_module ${quoted(modulePath(runtime, 'ndk'))};
load_module ${quoted(modulePath(runtime, 'http_lua'))};
worker_processes ${workers};
worker_shutdown_timeout 240s;
pcre_jit on;
pid nginx.pid;
error_log error.log warn;
events {
  worker_connections 16384;
}

http {
  lua_package_path ${quoted(`${dataplane}/?.lua;${runtime.luaPath}`)};
  lua_package_cpath ${quoted(runtime.luaCpath)};
  init_by_lua_block {
    firewall = require("firewall.main")
    firewall.initRuleSets({
      library = ${quoted(firewall.library)},
      directory = ${quoted(rules)},
      coreRules = {
${firewall.coreRules.map((file) => `        ${quoted(file)},\n`).join('')}      },
    })
  }
  init_worker_by_lua_block { firewall.followIndex() }

  client_body_temp_path temp/body;
  proxy_temp_path temp/proxy;
  fastcgi_temp_path temp/fastcgi;
  uwsgi_temp_path temp/uwsgi;
  scgi_temp_path temp/scgi;

  server_tokens off;
  uninitialized_variable_warn off;
  underscores_in_headers on;
  client_max_body_size 0;
  client_body_buffer_size 64k;
  client_body_timeout ${FOREVER};
  client_header_buffer_size 8k;
  large_client_header_buffers 8 128k;
  keepalive_timeout 75s;
  keepalive_requests 100000000;
  log_format causeway_audit escape=none '$causeway_audit';
  map $http_upgrade $causeway_connection {
    default upgrade;
    "" "";
  }
  access_log off;

  upstream inspected {
    server ${quoted(`unix:${inspectedSocket}`)};
    keepalive 320;
    keepalive_requests 100000000;
  }
  server {
    listen ${quoted(`unix:${socket}`)} backlog=${backlog};
    set $causeway_audit "";
    error_page 400 413 414 494 500 502 503 504 /.causeway/error;
    location / {
      access_by_lua_block { firewall.inspectRequest() }
      header_filter_by_lua_block { firewall.inspectResponse() }
      body_filter_by_lua_block { firewall.replaceBody() }
      log_by_lua_block { firewall.endInspection() }
      access_log audit.log causeway_audit if=$causeway_audit;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection $causeway_connection;
      proxy_set_header Upgrade $http_upgrade;
      proxy_pass_request_headers on;
      proxy_redirect off;
      proxy_buffering off;
      proxy_buffer_size 64k;
      proxy_buffers 8 64k;
      proxy_connect_timeout 5s;
      proxy_send_timeout ${FOREVER};
      proxy_read_timeout ${FOREVER};
      proxy_pass http://inspected;
    }
    location = /.causeway/error {
      internal;
      default_type text/plain;
      return 200 "X-Error: $status\\n";
    }
  }
}
`;
}
