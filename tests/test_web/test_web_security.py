"""Foreign pages, foreign names and foreign people get nothing."""

import pytest

pytest.importorskip('starlette')
from small_review import client_of
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from vosplug.errors import ConfigError
from vosplug.web.pages import make_app
from vosplug.web.security import Guard, is_local, new_token

TOKEN = 'k7-token'
LOCAL = 'http://localhost:8765'


def app(host='127.0.0.1', token=None):
    async def answer(request):
        return PlainTextResponse('secret')

    return make_app([Route('/page', answer, methods=['GET', 'POST'])], host, token)


def visit(method='GET', url=LOCAL, token=None, host='127.0.0.1', path='/page', **headers):
    client = TestClient(app(host, token), base_url=url, follow_redirects=False)
    return client.request(method, path, headers={k.replace('_', '-'): v for k, v in headers.items()})


def test_own_pages_may_read_and_write():
    assert visit().text == 'secret'
    own = dict(x_vosplug='1', origin=LOCAL, sec_fetch_site='same-origin')
    assert visit('POST', **own).text == 'secret'
    for host in ('127.0.0.1:99', '[::1]:99', 'localhost'):
        assert visit(host=host.split(':')[0] if 0 else '127.0.0.1', Host=host).status_code == 200


@pytest.mark.parametrize(
    'name', ['evil.example', 'localhost.evil.example', '192.168.0.5:8765', '', '[', '127.0.0.1.nip.io']
)
def test_a_name_that_leads_here_by_rebinding_reaches_nothing(name):
    answer = visit(Host=name)
    assert answer.status_code == 421 and 'secret' not in answer.text


@pytest.mark.parametrize(
    'headers',
    [
        dict(),  # a form cannot set a header
        dict(x_vosplug='1', origin='http://evil.example'),
        dict(x_vosplug='1', origin='null'),
        dict(x_vosplug='1', origin='http://localhost:9999'),  # another program of this machine
        dict(x_vosplug='1', sec_fetch_site='cross-site'),
        dict(x_vosplug='1', sec_fetch_site='same-site'),
    ],
)
def test_other_pages_cannot_write(headers):
    answer = visit('POST', **headers)
    assert answer.status_code == 403 and 'secret' not in answer.text


def test_a_server_for_others_needs_a_token():
    for host in ('0.0.0.0', '::', '192.168.0.5', 'server.example'):
        assert not is_local(host)
        with pytest.raises(ConfigError, match='token'):
            Guard(app(), host)
    assert is_local('127.0.0.1') and is_local('::1') and is_local('localhost')
    assert len(new_token()) >= 32 and new_token() != new_token()


def test_the_token_is_taken_once_from_the_address_and_then_from_a_cookie():
    client = TestClient(app('0.0.0.0', TOKEN), base_url='http://server.example', follow_redirects=False)
    assert client.get('/page').status_code == 401
    for wrong in ('', 'k7-toke', 'k7-token2', 'K7-TOKEN', 'k7-tok%C3%A9n'):
        answer = client.get(f'/page?token={wrong}')
        assert answer.status_code == 401 and 'set-cookie' not in answer.headers
    answer = client.get(f'/page?a=1&token={TOKEN}')
    assert answer.status_code == 303 and answer.headers['location'] == '/page?a=1'
    cookie = answer.headers['set-cookie'].lower()
    assert 'httponly' in cookie and 'samesite=strict' in cookie
    assert client.get('/page').text == 'secret'
    assert client.post('/page', headers={'x-vosplug': '1'}).text == 'secret'
    assert client.post('/page').status_code == 403


def test_a_redirect_leads_to_no_other_host():
    client = TestClient(app('0.0.0.0', TOKEN), base_url='http://server.example', follow_redirects=False)
    answer = client.get(f'http://server.example//evil.example/?token={TOKEN}')
    assert answer.headers['location'] == '/evil.example/'


def test_a_write_needs_the_cookie_not_the_address():
    answer = visit('POST', token=TOKEN, path=f'/page?token={TOKEN}', x_vosplug='1')
    assert answer.status_code == 401
    assert visit(token=TOKEN, cookie='vosplug-8765=wrong; ;;=').status_code == 401


def test_pages_load_nothing_from_elsewhere_and_cannot_be_framed():
    for answer in (visit(), visit(Host='evil.example')):
        policy = answer.headers['content-security-policy']
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
        assert answer.headers['x-content-type-options'] == 'nosniff'


def test_bodies_that_are_no_json_are_refused(tmp_path):
    from small_review import make_labels, small_review_app

    client = client_of(small_review_app(make_labels(tmp_path)))
    path = '/api/videos/0/decisions'
    assert client.post(path, content=b'{}').status_code == 415
    headers = {'content-type': 'application/json'}
    assert client.post(path, content=b'{', headers=headers).status_code == 400
    assert client.post(path, content=b'[' * 10_000, headers=headers).status_code == 400
